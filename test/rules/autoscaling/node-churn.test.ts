import { describe, expect, it } from 'vitest'
import { caAggressiveScaleDown } from '../../../src/rules/autoscaling/ca-aggressive-scale-down.ts'
import { caOrKarpenterThrash } from '../../../src/rules/autoscaling/ca-or-karpenter-thrash.ts'
import { karpenterDisruptionBlocked } from '../../../src/rules/autoscaling/karpenter-disruption-blocked.ts'
import { karpenterNodeNotInitialized } from '../../../src/rules/autoscaling/karpenter-node-not-initialized.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, node, pod, replicaSet, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { waiting } from '../scheduling/waiting.ts'

const down = (name: string, last = 600) =>
  event('', `Node/${name}`, 'ScaleDown', 'marked the node as toBeDeleted/unschedulable', {
    type: 'Normal',
    last,
    component: 'cluster-autoscaler',
  })
const up = (name: string, last: number) =>
  event('shop', `Pod/${name}`, 'TriggeredScaleUp', 'pod triggered scale-up: [{workers 1->2 (max: 5)}]', {
    type: 'Normal',
    last,
    component: 'cluster-autoscaler',
  })
const web = [workload('Deployment', 'shop/web', {}, 1), replicaSet('shop/web-6c8f7d9b5', 'web', 1)]

describe('ca-aggressive-scale-down', () => {
  it('names the node whose pods have nowhere to go', async () => {
    const outcome = await evaluate(caAggressiveScaleDown, {
      objects: [
        ...web,
        down('node-9'),
        waiting('shop/web-6c8f7d9b5-abcde', '0/1 nodes are available: 1 Insufficient cpu.'),
      ],
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-9'])
  })

  it('is quiet when nobody misses it, or pods crash', async () => {
    const well = pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', created: 300 })
    const sick = pod('shop/web-6c8f7d9b5-abcde', {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      created: 300,
      ready: false,
      containers: [{ status: crashed() }],
    })
    for (const one of [well, sick])
      expect((await evaluate(caAggressiveScaleDown, { objects: [...web, down('node-9'), one] })).findings).toEqual([])
  })

  it('is quiet about a node that went hours before', async () => {
    const pending = waiting('shop/web-6c8f7d9b5-abcde', '0/1 nodes are available: 1 Insufficient cpu.')
    const objects = [...web, down('node-9', 9000), pending]
    expect((await evaluate(caAggressiveScaleDown, { objects })).findings).toEqual([])
  })
})

describe('ca-or-karpenter-thrash', () => {
  const waves = [3000, 2000, 1000].flatMap((last, index) => [
    up(`web-${index}`, last),
    down(`gone-${index}`, last - 500),
  ])

  it('needs nodes that come and go, and are young', async () => {
    const young = [1, 2].map((index) => node(`new-${index}`, { metadata: { creationTimestamp: ago(300) } }))
    expect((await evaluate(caOrKarpenterThrash, { objects: [...young, ...waves] })).findings[0]?.kind).toBe('cause')
    expect((await evaluate(caOrKarpenterThrash, { objects: [node('node-1'), ...waves] })).findings).toEqual([])
    expect((await evaluate(caOrKarpenterThrash, { objects: [...young, ...waves.slice(0, 2)] })).findings).toEqual([])
  })

  it('is quiet where nodes only go, or only come', async () => {
    const young = [1, 2].map((index) => node(`new-${index}`, { metadata: { creationTimestamp: ago(300) } }))
    for (const reason of ['ScaleDown', 'TriggeredScaleUp']) {
      const oneWay = waves.filter((one) => one.reason === reason)
      const outcome = await evaluate(caOrKarpenterThrash, { objects: [...young, ...oneWay] })
      expect(outcome).toMatchObject({ status: 'clear', findings: [] })
    }
  })
})

describe('ca-or-karpenter-thrash beside an upgrade', () => {
  const lifecycle = (reason: string, text: string) => (name: string, last: number) =>
    event('', `Node/${name}`, reason, `Node ${name} event: ${text.replace('Node', `Node ${name}`)}`, {
      type: 'Normal',
      last,
      component: 'node-controller',
    })
  const came = lifecycle('RegisteredNode', 'Registered Node in Controller')
  const went = lifecycle('RemovingNode', 'Removing Node from Controller')
  const young = [1, 2].map((index) => node(`new-${index}`, { metadata: { creationTimestamp: ago(300) } }))
  const arrivals = [came('new-0', 2900), came('new-1', 300), came('new-2', 300)]

  it('is quiet where old nodes go for new ones that stay, and not where a new one goes again', async () => {
    const upgrade = [...arrivals, went('old-0', 2800), went('old-1', 250), went('old-2', 200)]
    const thrash = [...arrivals, went('new-0', 2000), went('old-1', 250), went('old-2', 200)]
    expect((await evaluate(caOrKarpenterThrash, { objects: [...young, ...upgrade] })).findings).toEqual([])
    expect((await evaluate(caOrKarpenterThrash, { objects: [...young, ...thrash] })).findings).toHaveLength(1)
  })
})

describe('karpenter-node-not-initialized', () => {
  const claim = (created: number, status: string) =>
    thing('karpenter.sh/v1', 'NodeClaim', 'general-x7k2p', {
      metadata: { creationTimestamp: ago(created) },
      status: {
        nodeName: 'node-2',
        conditions: [
          { type: 'Registered', status: 'True', reason: 'Registered', message: '' },
          {
            type: 'Initialized',
            status,
            reason: 'StartupTaintsExist',
            message: 'StartupTaint "ebs.csi.aws.com/agent-not-ready:NoExecute" still exists',
          },
        ],
      },
    })

  it('names the node and the taint', async () => {
    const outcome = await evaluate(karpenterNodeNotInitialized, { objects: [node('node-2'), claim(900, 'Unknown')] })
    expect(subjectsOf(outcome)).toEqual(['Node node-2'])
    expect(outcome.findings[0]?.says).toContain('ebs.csi.aws.com/agent-not-ready')
  })

  it('is quiet about one that is new, or initialized', async () => {
    for (const one of [claim(60, 'Unknown'), claim(900, 'True')])
      expect((await evaluate(karpenterNodeNotInitialized, { objects: [node('node-2'), one] })).findings).toEqual([])
  })

  it('is quiet about one that is removed, that never registered, or of which nothing is told yet', async () => {
    const is = (type: string, status: string) => ({ type, status, reason: 'Because', message: '' })
    const one = (conditions: readonly unknown[], metadata = {}) =>
      thing('karpenter.sh/v1', 'NodeClaim', 'general-x7k2p', {
        metadata: { creationTimestamp: ago(900), ...metadata },
        status: { nodeName: 'node-2', conditions },
      })
    const waits = [is('Registered', 'True'), is('Initialized', 'Unknown')]
    const quiet = [
      one(waits, { deletionTimestamp: ago(30) }),
      one([is('Registered', 'Unknown'), is('Initialized', 'Unknown')]),
      one([is('Registered', 'True')]),
    ]
    expect((await evaluate(karpenterNodeNotInitialized, { objects: [one(waits)] })).findings).toHaveLength(1)
    for (const claim of quiet)
      expect((await evaluate(karpenterNodeNotInitialized, { objects: [claim] })).status).toBe('clear')
  })
})

describe('karpenter-disruption-blocked', () => {
  it('is a risk and never more', async () => {
    const blocked = event('', 'Node/node-1', 'DisruptionBlocked', 'PDB "shop/web" prevents pod evictions', {
      type: 'Normal',
      component: 'karpenter',
    })
    const outcome = await evaluate(karpenterDisruptionBlocked, { objects: [node('node-1'), blocked] })
    expect(outcome.findings.map(({ kind }) => kind)).toEqual(['risk'])
    expect(
      (await evaluate(karpenterDisruptionBlocked, { objects: [node('node-1'), down('node-1')] })).findings,
    ).toEqual([])
  })

  it('is quiet about what was blocked hours before', async () => {
    const old = event('', 'Node/node-1', 'DisruptionBlocked', 'PDB "shop/web" prevents pod evictions', { last: 9000 })
    expect((await evaluate(karpenterDisruptionBlocked, { objects: [node('node-1'), old] })).findings).toEqual([])
  })
})
