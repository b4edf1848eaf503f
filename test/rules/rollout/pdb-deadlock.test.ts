import { describe, expect, it } from 'vitest'
import { pdbDeadlock } from '../../../src/rules/rollout/pdb-deadlock.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, event, node, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const budget = (status: object) =>
  thing('policy/v1', 'PodDisruptionBudget', 'shop/web', {
    spec: { selector: { matchLabels: { app: 'web' } } },
    status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, ...status },
  })
const web = (options = {}) =>
  pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', labels: { app: 'web' }, ...options })
const cordoned = (seconds: number) =>
  node('node-1', {
    spec: {
      unschedulable: true,
      taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: ago(seconds) }],
    },
  })

describe('pdb-deadlock', () => {
  it.each([
    "Cannot evict pod as it would violate the pod's disruption budget.",
    'The disruption budget web needs 1 healthy pods and has 1 currently',
  ])('is the cause where an eviction was refused: %s', async (message) => {
    const refused = event('shop', 'Pod/web-6c8f7d9b5-abcde', 'FailedDraining', message, { component: 'karpenter' })
    const outcome = await evaluate(pdbDeadlock, { objects: [budget({}), web(), node('node-1'), refused] })
    expect(subjectsOf(outcome)).toEqual(['PodDisruptionBudget shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
  })

  it('is the cause where a cordoned node cannot be emptied, and a mechanism where the pods are broken', async () => {
    const kindOf = async (options: object, status: object) =>
      (await evaluate(pdbDeadlock, { objects: [budget(status), web(options), cordoned(900)] })).findings[0]?.kind
    expect(await kindOf({}, {})).toBe('cause')
    expect(await kindOf({ ready: false, containers: [{ status: crashed() }] }, { currentHealthy: 0 })).toBe('mechanism')
  })

  it('is only a risk where nobody wants the pods gone', async () => {
    expect((await evaluate(pdbDeadlock, { objects: [budget({}), web(), node('node-1')] })).findings[0]?.kind).toBe(
      'risk',
    )
  })

  it('lets a drain go on that waits for a replacement, or has just begun', async () => {
    const status = { currentHealthy: 2, desiredHealthy: 2, expectedPods: 3 }
    expect((await evaluate(pdbDeadlock, { objects: [budget(status), web(), cordoned(900)] })).findings).toEqual([])
    expect((await evaluate(pdbDeadlock, { objects: [budget({}), web(), cordoned(30)] })).findings[0]?.kind).toBe('risk')
  })

  it('is quiet when the budget allows one', async () => {
    expect(
      (await evaluate(pdbDeadlock, { objects: [budget({ disruptionsAllowed: 1 }), web(), cordoned(900)] })).findings,
    ).toEqual([])
  })

  it('is only a risk where a node was cordoned and not drained: what nothing holds is still on it', async () => {
    const kindWith = async (...others: readonly Thing[]) =>
      (await evaluate(pdbDeadlock, { objects: [budget({}), web(), cordoned(90_000), ...others] })).findings[0]?.kind
    expect(await kindWith(pod('shop/api-7d4f8b9c6-abcde', { owner: 'ReplicaSet/api-7d4f8b9c6' }))).toBe('risk')
    const agent = pod('kube-system/agent-abcde', { owner: 'DaemonSet/agent' })
    const itself = pod('kube-system/kube-proxy-node-1', { owner: 'Node/node-1' })
    expect(await kindWith(agent, itself)).toBe('cause')
  })

  it('is only a risk while what another budget would let go is still on the cordoned node', async () => {
    const open = thing('policy/v1', 'PodDisruptionBudget', 'shop/api', {
      spec: { selector: { matchLabels: { app: 'api' } } },
      status: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
    })
    const api = pod('shop/api-7d4f8b9c6-abcde', { owner: 'ReplicaSet/api-7d4f8b9c6', labels: { app: 'api' } })
    const { findings } = await evaluate(pdbDeadlock, { objects: [budget({}), web(), open, api, cordoned(90_000)] })
    expect(findings.map(({ kind }) => kind)).toEqual(['risk'])
  })
})
