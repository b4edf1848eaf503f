import { describe, expect, it } from 'vitest'
import { pvProtectionStuck as rule } from '../../../src/rules/storage/pv-protection-stuck.ts'
import { ago } from '../../incident/scene.ts'
import { pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { attachment, claim, runs } from './volumes.ts'

const deleted = (finalizer: string) =>
  thing('v1', 'PersistentVolume', 'pv-1', {
    metadata: { deletionTimestamp: ago(900), finalizers: [finalizer] },
    spec: { claimRef: { namespace: 'shop', name: 'data-db-0' } },
  })
const claimed = claim({ metadata: { deletionTimestamp: ago(900), finalizers: ['kubernetes.io/pvc-protection'] } })

describe('pv-protection-stuck: volumes', () => {
  it('names what keeps a volume: its claim, or an attachment of any driver', async () => {
    const bound = await evaluate(rule, { objects: [deleted('kubernetes.io/pv-protection'), claim()] })
    expect(subjectsOf(bound)).toEqual(['PersistentVolume pv-1'])
    expect(bound.findings[0]?.says).toContain('claim data-db-0')
    const held = await evaluate(rule, {
      objects: [deleted('external-attacher/block-csi-example-com'), attachment('node-9')],
    })
    expect(held.findings[0]?.says).toContain('node-9')
  })

  it('is quiet about finalizers of operators, and about a claim whose pods have ended', async () => {
    expect((await evaluate(rule, { objects: [deleted('backup.example.com/keep'), claim()] })).status).toBe('clear')
    const done = pod('shop/db-0', {
      spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }] },
      status: { phase: 'Succeeded' },
    })
    expect((await evaluate(rule, { objects: [claimed, done] })).status).toBe('clear')
    expect((await evaluate(rule, { objects: [claimed, runs()] })).findings).toHaveLength(1)
  })
})
