import { describe, expect, it } from 'vitest'
import { incidentOf, type Thing } from './scene.ts'
import { pod, replicaSet, workload } from './things.ts'

const web = { kind: 'Deployment', namespace: 'shop', name: 'web' }
const [short, usual] = ['web-7f9c', 'web-6c8f7d9b5']
const of = (set: string, labels = {}) => pod('shop/web-1', { owner: `ReplicaSet/${set}`, labels })
const topOf = async (objects: readonly Thing[], ...denied: string[]) =>
  (await incidentOf({ objects, denied: ['replicasets.apps', ...denied] })).pods[0]?.workload

describe('the owner of a pod whose ReplicaSet was not captured', () => {
  it('is the Deployment to whose hash the pod is labelled, however short that is', async () => {
    expect(await topOf([of(short), workload('Deployment', 'shop/web')])).toEqual(web)
    expect(await topOf([of(usual), workload('Deployment', 'shop/web')])).toEqual(web)
  })

  it('is told by its name where a Deployment is there that the rest of it is of', async () => {
    const { topOf: top } = await incidentOf({
      objects: [workload('Deployment', 'shop/web')],
      denied: ['replicasets.apps'],
    })
    const of = (name: string) => top({ kind: 'ReplicaSet', namespace: 'shop', name })
    expect(of(short)).toEqual(web)
    expect(top({ kind: 'Pod', namespace: 'shop', name: `${short}-x7k2p` })).toEqual(web)
    for (const name of ['web-api', 'shop-7f9c', 'web']) expect(of(name).kind).toBe('ReplicaSet')
  })

  it('is guessed by the usual form of its name where no Deployment was captured either', async () => {
    expect(await topOf([of(usual)], 'deployments.apps')).toEqual(web)
  })

  it('is what the pod says where no Deployment of that name is known', async () => {
    const set = { kind: 'ReplicaSet', namespace: 'shop', name: short }
    expect(await topOf([of(short)], 'deployments.apps')).toEqual(set)
    expect(await topOf([of(short), workload('Deployment', 'shop/other')])).toEqual(set)
    const named = { ...set, name: 'web-api' }
    expect(await topOf([of('web-api', { 'pod-template-hash': 'x' }), workload('Deployment', 'shop/web')])).toEqual(
      named,
    )
  })

  it('is the Rollout that alone sets a label of its own', async () => {
    const labels = { 'rollouts-pod-template-hash': '6c8f7d9b5' }
    expect(await topOf([of(usual, labels)])).toEqual({ ...web, kind: 'Rollout' })
  })
})

it('a ReplicaSet that nobody owns is its own', async () => {
  const set = { ...replicaSet(`shop/${usual}`, 'web', 1), metadata: { namespace: 'shop', name: usual } }
  const { pods } = await incidentOf({ objects: [of(usual), set] })
  expect(pods[0]?.workload).toEqual({ kind: 'ReplicaSet', namespace: 'shop', name: usual })
})
