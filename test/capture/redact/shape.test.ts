import { describe, expect, it } from 'vitest'
import { isSensitiveName } from '../../../src/capture/redact/names.ts'
import { isHarmless, isRandom } from '../../../src/capture/redact/shape.ts'

describe('the shape of a literal', () => {
  it.each([
    '8080',
    '-1',
    '0.75',
    '30%',
    '1e6',
    'true',
    'False',
    '30s',
    '1h30m',
    '250m',
    '512Mi',
    '1.5Gi',
    '10MB',
    '2026-01-31',
    '2026-01-31T08:00:00Z',
    '/var/lib/app',
    './run.sh',
    '~/config',
    'C:/data',
    'config/app.yaml',
    'db.shop.svc:5432',
    'db.shop.svc.cluster.local',
    'redis:6379',
    '10.0.0.1',
    '10.0.0.0/16',
    '10.0.0.1:443',
    '[fe80::1]:443',
    '::1',
    ':8080',
    'https://queue.example.com',
    'http://10.0.0.1:9090/metrics',
    'tcp://broker:1883',
    'https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF',
    'unix:///run/app.sock',
    'arn:aws:iam::000000000000:role/web',
    'v1.34.4',
    '2.11.0-rc.1',
    '$(POD_NAME)',
    'info',
    'production',
    'UTC',
    '',
    'a.example.com:9092,b.example.com:9092',
    'timeout=30s,retries=3',
  ])('%j stays: causes are read from it', (value) => expect(isHarmless(value)).toBe(true))

  it.each([
    'hunter2',
    'correct horse battery staple',
    'S3cr3t!',
    'dGhpcyBpcyBhIHNlY3JldA==',
    '9f86d081884c7d659a2feaa0c55ad015',
    'https://user:hunter2@example.com/',
    'postgres://app:pw@db:5432/shop',
    'https://example.com/?token=abc',
    'https://hooks.example.com/services/T00000000/B00000000/aB3dE5fG7hI9jK1lM2nO4pQ6',
    'https://example.com/hook#fragment',
    'Server=db;Password=hunter2',
    'key-value',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    'a,b,hunter2',
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzz',
    'password=hunter2,retries=3',
    '/v1/wJalrXUtnFEMIK7MDENGbPxRfiCY0123456789/x',
  ])('%j goes', (value) => expect(isHarmless(value)).toBe(false))

  it('is judged in no more than linear time', () => {
    // Backtracking would take hours here: the test would end by its own timeout.
    const long = 'a'.repeat(1900)
    for (const value of [
      `/${long}!`,
      `a/${long}!`,
      `1/abcdefghrk_live_0123456789abcdefghij0123456789abcdefghij0123456789`,
      `https://h/${long}!`,
      `${'a-'.repeat(900)}!`,
      `${'1h'.repeat(900)}!`,
      `${'a.'.repeat(900)}!`,
      `$(${long})`,
      `arn:aws:${long}`,
      ','.repeat(1900),
    ])
      expect(isHarmless(value) || isRandom(value) || isSensitiveName(value)).toEqual(expect.any(Boolean))
  })

  it.each(['9f86d081884c7d659a2feaa0', 'aB3dE5fG7hI9jK1l', 'A1B2C3D4E5'])('%j looks generated', (word) =>
    expect(isRandom(word)).toBe(true),
  )

  it.each(['checkout-service', 'listen', 'maxConnections', 'eu-central-1a', '20260131'])(
    '%j was written by a person',
    (word) => expect(isRandom(word)).toBe(false),
  )
})

describe('the name of a field', () => {
  it.each([
    'password',
    'DB_PASSWORD',
    'dbPasswd',
    'api_key',
    'apiKey',
    'API-KEY',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_ACCESS_KEY_ID',
    'client_secret',
    'clientSecret',
    'token',
    'GITHUB_TOKEN',
    'bearer',
    'private_key',
    'credentials',
    'Authorization',
    'cookie',
    'connectionString',
    'SENTRY_DSN',
    '--password',
    'userData',
    'signature',
    'encryption-key',
    'MYSQL_PWD',
    'passphrase',
    'dbPass',
    'userPwd',
    '.dockerconfigjson',
    'tls.key',
    'REDIS_REQUIREPASS',
    'webhookKey',
  ])('%s says secret', (name) => expect(isSensitiveName(name)).toBe(true))

  it.each([
    'secretName',
    'secretRef',
    'secretKeyRef',
    'tokenExpirationSeconds',
    'imagePullSecretName',
    'passwordFile',
    'tokenPath',
    'name',
    'KEY',
    'author',
    'passThrough',
    'compass',
    'bypassProxy',
    'authority',
    'key',
    'monkey',
    'TOKEN_URL',
    'automountServiceAccountTokenMode',
  ])('%s only points at one, or is none', (name) => expect(isSensitiveName(name)).toBe(false))
})
