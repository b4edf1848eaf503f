import { describe, expect, it } from 'vitest'
import { missingConfigReference } from '../../../src/rules/workload/missing-config-reference.ts'
import { event, pod, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const waiting = (message: string, reason = 'CreateContainerConfigError') =>
  pod(`shop/${NAME}`, {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    ready: false,
    containers: [{ status: { ready: false, state: { waiting: { reason, message } } } }],
    status: { phase: 'Pending' },
  })

describe('missing-config-reference', () => {
  it('names what is missing', async () => {
    const outcome = await evaluate(missingConfigReference, { objects: [waiting('configmap "settings" not found')] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('ConfigMap settings')
  })

  it('names the key that is missing in an object that is there', async () => {
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting("couldn't find key url in ConfigMap shop/settings"), thing('v1', 'ConfigMap', 'shop/settings')],
    })
    expect(outcome.findings[0]?.says).toContain('the key url is not in ConfigMap')
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it('names the account without which no pod is created', async () => {
    const said =
      'Error creating: pods "web-6c8f7d9b5-" is forbidden: error looking up service account shop/runner: serviceaccount "runner" not found'
    const objects = [
      workload('Deployment', 'shop/web'),
      event('shop', 'ReplicaSet/web-6c8f7d9b5', 'FailedCreate', said),
    ]
    const outcome = await evaluate(missingConfigReference, { objects })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })

  it('reads it of a volume', async () => {
    const said = 'MountVolume.SetUp failed for volume "certs" : secret "web-tls" not found'
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting('', 'ContainerCreating'), event('shop', `Pod/${NAME}`, 'FailedMount', said)],
    })
    expect(outcome.findings[0]?.says).toContain('Secret web-tls')
  })

  it('says where it speaks against it that the object is there', async () => {
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting('configmap "settings" not found'), thing('v1', 'ConfigMap', 'shop/settings')],
    })
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong', against: [{ says: /is there now/ }] } as never)
  })

  it('rejects a race that is over', async () => {
    const said = 'MountVolume.SetUp failed for volume "certs" : secret "web-tls" not found'
    const outcome = await evaluate(missingConfigReference, {
      objects: [pod(`shop/${NAME}`), event('shop', `Pod/${NAME}`, 'FailedMount', said)],
    })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('takes no log of an operator for it', async () => {
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting('', 'ContainerCreating')],
      logs: { [`shop/${NAME}/app`]: '2026-02-01T11:59:00Z ERROR secret "web-tls" not found\n' },
    })
    expect(outcome.status).toBe('clear')
  })
})
