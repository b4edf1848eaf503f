import { describe, expect, it } from 'vitest'
import { redactText } from './redactor.ts'

const log = (text: string) => redactText(text, { type: 'log' }).text

/** Shaped like the real thing, and nobody's. */
const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlLXRoYXQtaXMtbm9uZQ'
const PEM = [
  '-----BEGIN RSA PRIVATE KEY-----',
  'MIIEow0123456789abcdef',
  'MIIEow9876543210fedcba',
  '-----END RSA PRIVATE KEY-----',
]

describe('in a log', () => {
  it.each([
    [`token ${JWT} refused`, JWT],
    ['using AKIAABCDEFGHIJKLMNOP now', 'AKIAABCDEFGHIJKLMNOP'],
    ['Authorization: Bearer abcdef0123456789', 'abcdef0123456789'],
    ['Authorization: Basic dXNlcjpodW50ZXIy', 'dXNlcjpodW50ZXIy'],
    ['GET https://app:hunter2@example.com/', 'hunter2'],
    ['dial postgres://app:hun%40ter2@db:5432/shop failed', 'hun%40ter2'],
    ['https://b.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef&x=1', '0123456789abcdef'],
    ['password=hunter2', 'hunter2'],
    ['DB_PASSWORD="hunter2"', 'hunter2'],
    ['{"password":"hunter2","user":"app"}', 'hunter2'],
    ['{\\"apiKey\\":\\"hunter2\\"}', 'hunter2'],
    ['client_secret: hunter2-hunter2', 'hunter2-hunter2'],
    ['ghp_0123456789abcdefghijABCDEFGHIJ012345', 'ghp_0123456789abcdefghij'],
    ['glpat-0123456789abcdefghij', 'glpat-0123456789abcdefghij'],
    ['xoxb-0123456789-abcdef', 'xoxb-0123456789-abcdef'],
    ['POST https://hooks.slack.com/services/T0/B0/abcdefgh', 'abcdefgh'],
    ['sk_live_0123456789abcdefghij', 'sk_live_0123456789abcdefghij'],
    ['vault says hvs.CAESIJ0123456789abcdefghij', 'hvs.CAESIJ0123456789abcdefghij'],
    ['clone https://0123456789abcdef0123456789abcdef@github.example.com/a.git', '0123456789abcdef0123456789abcdef'],
    ['app:hunter2@tcp(db:3306)/shop', 'hunter2'],
    ['{"auths":{"r.example.com":{"auth":"YXBwOmh1bnRlcjI="}}}', 'YXBwOmh1bnRlcjI'],
    ['exec mysql -h db -u root -phunter2 shop', 'hunter2'],
    ['exec redis-cli -a hunter2 ping', 'hunter2'],
    ['curl -u app:hunter2 http://api/', 'hunter2'],
    ['machine api login app password hunter2', 'hunter2'],
    ['Secret Access Key: hunter2hunter2', 'hunter2hunter2'],
    ['params [password]=hunter2', 'hunter2'],
    ['env {:password=>"hunter2"}', 'hunter2'],
    ['\u001b[36mpassword\u001b[0m=hunter2', 'hunter2'],
    ["passwords = ['hunter2', 'hunter3']", 'hunter3'],
  ])('%j loses %j', (line, secret) => {
    expect(log(`2026-01-31T08:00:00.123456789Z ${line}\n`)).not.toContain(secret)
  })

  it.each([
    'invalid token: expired',
    'secret "web-token" not found',
    'MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found',
    'connecting to https://queue.example.com/orders',
    'password authentication failed for user "app"',
    'GET /orders/12?page=2 200 13ms',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'http://user@example.com/ has no password',
    'fetch token: serviceaccounts "x" is forbidden',
    'token: must be set',
    'listening on http://[::]:8080/',
    'image pull from http://registry:5000/shop@sha256:0123',
    'docker run --user 1000:1000 app',
  ])('%j stays', (line) => expect(log(`${line}\n`)).toBe(`${line}\n`))

  it('a private key goes, also when every line of it has a timestamp in front', () => {
    expect(log(`${PEM.join('\n')}\n`)).not.toMatch(/MIIEow/)
    const stamped = PEM.map((line, n) => `2026-01-31T08:00:0${n}.000000000Z ${line}\n`).join('')
    expect(log(stamped)).not.toMatch(/MIIEow/)
  })

  it('a private key that the gap cut off goes as far as it is there', () => {
    expect(log(`${PEM.slice(0, 3).join('\n')}\n--- freezeframe gap: 100 bytes left out ---\n`)).not.toMatch(/MIIEow/)
  })

  it('bytes that are no UTF-8 stay as they are', () => {
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x63, 0xe9]),
      Buffer.from(' password=hunter2\n'),
      Buffer.from([0xc3]),
    ])
    const { text } = redactText(bytes, { type: 'log' })
    expect(text).not.toContain('hunter2')
  })
})
