import { describe, expect, it } from 'vitest'
import { pvcPendingProvisioning as rule } from '../../../src/rules/storage/pvc-pending-provisioning.ts'
import { event, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { claim, notPlaced, pendingClaim, unplaced } from './volumes.ts'

const said = (words: string, options: Parameters<typeof event>[4] = {}) =>
  event('shop', 'PersistentVolumeClaim/data-db-0', 'ProvisioningFailed', words, options)
const cls = thing('storage.k8s.io/v1', 'StorageClass', 'block', { provisioner: 'rook-ceph.rbd.csi.ceph.com' })

describe('pvc-pending-provisioning: any driver, and what is normal', () => {
  it.each([
    'failed to provision volume with StorageClass "block": rpc error: code = ResourceExhausted desc = not enough free capacity in pool',
    'failed to provision volume with StorageClass "block": rpc error: code = Internal desc = UnauthorizedOperation: You are not authorized to perform this operation',
  ])('gives the words of the driver: %s', async (words) => {
    const outcome = await evaluate(rule, { objects: [cls, pendingClaim(), unplaced(), said(words)] })
    expect(subjectsOf(outcome)).toEqual(['PersistentVolumeClaim shop/data-db-0'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'StatefulSet', namespace: 'shop', name: 'db' })
  })

  it('reads a class that does not exist off the objects, where all classes are known', async () => {
    const objects = [pendingClaim(900, 'fast'), unplaced()]
    expect((await evaluate(rule, { objects })).findings[0]?.says).toContain('the storage class fast does not exist')
    const unknown = await evaluate(rule, { objects, denied: ['storageclasses.storage.k8s.io'] })
    expect(unknown.findings).toEqual([])
  })

  it('names a claim whose volume is gone', async () => {
    const lost = claim({ status: { phase: 'Lost' } })
    expect((await evaluate(rule, { objects: [lost] })).findings[0]?.says).toContain('its volume is gone')
  })

  it('leaves a key that is refused to ebs-kms-denied, and a bound claim alone', async () => {
    const key = said(
      'failed to provision volume with StorageClass "block": Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state',
    )
    expect((await evaluate(rule, { objects: [cls, pendingClaim(), key] })).findings).toEqual([])
    expect(
      (
        await evaluate(rule, {
          objects: [cls, claim(), said('failed to provision volume with StorageClass "block": x')],
        })
      ).status,
    ).toBe('clear')
  })

  it('knows a claim that nobody made by the list of claims, where no scheduler says so', async () => {
    const { findings } = await evaluate(rule, { objects: [unplaced()] })
    expect(findings).toMatchObject([{ strength: 'proof', subject: { kind: 'StatefulSet', name: 'db' } }])
    expect(findings[0]?.says).toContain('names the claim data-db-0, which does not exist')
    expect((await evaluate(rule, { objects: [unplaced(), claim()] })).findings).toEqual([])
  })

  it('knows by the words of the scheduler a claim without a class that no volume fits', async () => {
    const words = '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.'
    const of = (storageClassName: string) =>
      evaluate(rule, { objects: [pendingClaim(900, storageClassName), unplaced(), notPlaced(words), cls] })
    expect((await of('')).findings[0]?.says).toContain('no volume fits it')
    expect((await of('block')).findings).toEqual([])
  })
})
