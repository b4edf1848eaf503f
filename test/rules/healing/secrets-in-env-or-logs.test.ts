import { describe, expect, it } from 'vitest'
import { secretsInEnvOrLogs } from '../../../src/rules/healing/secrets-in-env-or-logs.ts'
import { pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const web = (...env: unknown[]) =>
  pod('shop/web-6c8f7d9b5-x7k2p', { owner: 'ReplicaSet/web-6c8f7d9b5', containers: [{ spec: { env } }] })

describe('secrets-in-env-or-logs', () => {
  it('names the variable, never its value', async () => {
    const outcome = await evaluate(secretsInEnvOrLogs, {
      objects: [web({ name: 'DB_PASSWORD', value: '<redacted:abc>' })],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'risk' })
    expect(JSON.stringify(outcome.findings)).not.toContain('redacted')
  })

  it('is quiet about references and names of files', async () => {
    const objects = [
      web(
        { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'p' } } },
        { name: 'DB_PASSWORD_FILE', value: '/run/p' },
      ),
    ]
    expect((await evaluate(secretsInEnvOrLogs, { objects })).status).toBe('clear')
  })
})
