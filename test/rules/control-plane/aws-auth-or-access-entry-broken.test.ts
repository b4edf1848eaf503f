import { describe, expect, it } from 'vitest'
import { awsAuthOrAccessEntryBroken } from '../../../src/rules/control-plane/aws-auth-or-access-entry-broken.ts'
import { ago } from '../../incident/scene.ts'
import { node, pod, thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const lost = node('node-1', {
  status: { conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime: ago(600) }] },
})
const config = (mapRoles: string, seconds = 1200) =>
  thing('v1', 'ConfigMap', 'kube-system/aws-auth', {
    metadata: { managedFields: [wrote('kubectl-edit', seconds, { 'f:data': { 'f:mapRoles': {} } })] },
    data: { mapRoles },
  })

describe('aws-auth-or-access-entry-broken', () => {
  it('names aws-auth where nodes were lost after the role of nodes was', async () => {
    const outcome = await evaluate(awsAuthOrAccessEntryBroken, {
      objects: [lost, config('- rolearn: arn:aws:iam::1:role/dev\n  groups: [dev]\n')],
    })
    expect(subjectsOf(outcome)).toEqual(['ConfigMap kube-system/aws-auth'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('is quiet where nodes are mapped, and where they were lost before', async () => {
    const mapped = config('- rolearn: arn:aws:iam::1:role/node\n  groups: [system:bootstrappers, system:nodes]\n')
    expect((await evaluate(awsAuthOrAccessEntryBroken, { objects: [lost, mapped] })).status).toBe('clear')
    expect((await evaluate(awsAuthOrAccessEntryBroken, { objects: [lost, config('[]', 300)] })).status).toBe('clear')
  })

  it('believes who is refused for want of a mapping, with an aws-auth or without one', async () => {
    const place = 'ops/deployer-6c8f7d9b5-abcde'
    const logs = { [`${place}/app`]: '2026-02-01T11:58:00Z ERROR ARN is not mapped: arn:aws:iam::1:role/deploy' }
    const deployer = pod(place, { owner: 'ReplicaSet/deployer-6c8f7d9b5', ready: false })
    for (const objects of [[deployer], [deployer, config('[]', 90_000)]]) {
      const outcome = await evaluate(awsAuthOrAccessEntryBroken, { objects, logs })
      expect(subjectsOf(outcome)).toEqual(['ConfigMap kube-system/aws-auth'])
      expect(outcome.findings[0]).toMatchObject({ strength: 'weak' })
    }
  })
})
