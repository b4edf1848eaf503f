import { expect, it } from 'vitest'
import { analyze } from '../../../src/rca/analyze.ts'
import { schedulerDown } from '../../../src/rules/control-plane/scheduler-down.ts'
import { ago, bundleOf, type Thing } from '../../incident/scene.ts'
import { crashed, event, pod, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const waiting = (name: string, created: number, spec = {}, conditions: object[] = []) =>
  pod(`shop/${name}`, {
    owner: `ReplicaSet/${name.replace(/-[^-]*$/, '')}`,
    node: '',
    created,
    ready: false,
    spec,
    status: { phase: 'Pending', conditions, containerStatuses: [], startTime: undefined },
  })
const web = waiting('web-7d4f8b9c5-abcde', 600)
const lease = (name: string, seconds: number, holder = 'cp-1_5f3c') =>
  thing('coordination.k8s.io/v1', 'Lease', `kube-system/${name}`, {
    spec: { holderIdentity: holder, leaseDurationSeconds: 15, renewTime: ago(seconds) },
  })
const control = (name: string, options: Parameters<typeof pod>[1] = {}) =>
  pod(`kube-system/${name}-cp-1`, { owner: 'Node/cp-1', node: 'cp-1', containers: [{ name }], ...options })
const outcomeOf = (...objects: Thing[]) => evaluate(schedulerDown, { objects })

it('names the scheduler whose lease stood still, with the pods that nobody looked at since', async () => {
  const outcome = await outcomeOf(web, lease('kube-scheduler', 900), control('kube-scheduler'))
  expect(subjectsOf(outcome)).toEqual(['Pod kube-system/kube-scheduler-cp-1'])
  expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof', from: Date.parse(ago(900)) })
  expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
})

it('is less sure where the pods were made before it stood still', async () => {
  const outcome = await outcomeOf(web, lease('kube-scheduler', 300))
  expect(outcome.findings).toMatchObject([{ strength: 'strong', subject: { kind: 'Lease', name: 'kube-scheduler' } }])
})

it('sees one that crashes, behind a cause of its own', async () => {
  const containers = [{ name: 'kube-scheduler', status: crashed() }]
  const outcome = await outcomeOf(
    web,
    lease('kube-scheduler', 200),
    control('kube-scheduler', { containers, ready: false }),
  )
  expect(outcome.findings).toMatchObject([{ kind: 'mechanism', subject: { name: 'kube-scheduler-cp-1' } }])
})

it('sees one that is up for a moment between two crashes', async () => {
  const status = { ...crashed({ restarts: 6, at: 70 }), state: { running: { startedAt: ago(65) } }, ready: true }
  const pods = control('kube-scheduler', { containers: [{ name: 'kube-scheduler', status }] })
  expect((await outcomeOf(web, lease('kube-scheduler', 61), pods)).findings).toMatchObject([{ kind: 'mechanism' }])
})

it('sees that none is there beside an API server that runs as a pod', async () => {
  expect((await outcomeOf(web, control('kube-apiserver'))).findings).toMatchObject([
    { kind: 'cause', strength: 'proof', subject: { kind: 'Cluster' } },
  ])
})

it('says nothing of a control plane that is not seen, or works', async () => {
  for (const seen of [[], [lease('kube-scheduler', 62)], [control('kube-scheduler'), lease('kube-scheduler', 62)]])
    expect(await outcomeOf(web, ...seen)).toMatchObject({ findings: [], rejections: [{}] })
})

it.each<[string, Thing]>([
  ['is new', waiting('web-7d4f8b9c5-abcde', 100)],
  ['is held back by a gate', waiting('web-7d4f8b9c5-abcde', 600, { schedulingGates: [{ name: 'example.com/queue' }] })],
  [
    'was looked at',
    waiting('web-7d4f8b9c5-abcde', 600, {}, [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
    ]),
  ],
])('leaves alone a pod that %s', async (_, one) => {
  expect((await outcomeOf(one, lease('kube-scheduler', 900))).findings).toEqual([])
})

it('leaves alone what waits in the queue of a scheduler that gave others their node since', async () => {
  const other = pod('shop/cart-6b7c8d9f5-abcde', { owner: 'ReplicaSet/cart-6b7c8d9f5', created: 300 })
  expect((await outcomeOf(web, other, lease('kube-scheduler', 200))).findings).toEqual([])
  const told = event('shop', 'Pod/web-7d4f8b9c5-abcde', 'FailedScheduling', '0/3 nodes are available', {
    component: 'default-scheduler',
  })
  expect((await outcomeOf(web, told, lease('kube-scheduler', 900))).findings).toEqual([])
  const gone = event('shop', 'Pod/gone-1', 'Scheduled', 'Successfully assigned shop/gone-1 to node-1', {
    component: 'default-scheduler',
    last: 200,
  })
  expect((await outcomeOf(web, gone, lease('kube-scheduler', 150))).findings).toEqual([])
})

it.each<[string, Thing]>([
  [
    'another component wrote of it',
    event('shop', 'Pod/web-7d4f8b9c5-abcde', 'NotTriggerScaleUp', '', { component: 'cluster-autoscaler' }),
  ],
  ['the kubelet started a static pod', control('etcd', { created: 200 })],
  [
    'another scheduler gave a pod its node',
    pod('shop/cart-6b7c8d9f5-abcde', {
      owner: 'ReplicaSet/cart-6b7c8d9f5',
      created: 200,
      spec: { schedulerName: 'packer' },
    }),
  ],
  ['another scheduler said so', event('shop', 'Pod/gone-1', 'Scheduled', '', { component: 'packer', last: 200 })],
])('takes it for no sign of the scheduler that %s', async (_, sign) => {
  expect((await outcomeOf(web, sign, lease('kube-scheduler', 900))).findings).toHaveLength(1)
})

it('knows that a scheduler whose name is not told has looked', async () => {
  const told = event('shop', 'Pod/web-7d4f8b9c5-abcde', 'FailedScheduling', '', { component: 'scheduler' })
  expect((await outcomeOf(web, told, lease('kube-scheduler', 900))).findings).toEqual([])
})

it('leaves alone a pod that has a node, or goes', async () => {
  const bound = { ...web, spec: { nodeName: 'node-1', containers: [] } }
  const going = { ...web, metadata: { ...(web.metadata as object), deletionTimestamp: ago(500) } }
  for (const one of [bound, going]) expect((await outcomeOf(one, lease('kube-scheduler', 900))).findings).toEqual([])
})

it('does not take a pod for scheduled that was given its node by hand', async () => {
  const debug = pod('shop/node-debugger', { created: 100 })
  expect((await outcomeOf(web, debug, lease('kube-scheduler', 900))).findings).toHaveLength(1)
})

it('asks no lease of one that elects no leader', async () => {
  const containers = [{ name: 'kube-scheduler', spec: { command: ['kube-scheduler', '--leader-elect=false'] } }]
  const alone = control('kube-scheduler', { containers })
  expect((await outcomeOf(web, alone, lease('kube-scheduler', 900))).findings).toEqual([])
})

it('leaves alone what the scheduler of a provider was asked for', async () => {
  const fargate = waiting('web-7d4f8b9c5-abcde', 600, { schedulerName: 'fargate-scheduler' })
  expect(await outcomeOf(fargate)).toMatchObject({ findings: [], rejections: [{}] })
})

it('takes any event of the scheduler for a look', async () => {
  const told = event('shop', 'Pod/web-7d4f8b9c5-abcde', 'LoggingDisabled', '', { component: 'packer' })
  expect((await outcomeOf(batch, told)).findings).toEqual([])
})

const batch = waiting('web-7d4f8b9c5-abcde', 600, { schedulerName: 'packer' })
const packer = (options: Parameters<typeof pod>[1] = {}) =>
  pod('infra/packer-5d8f7c6b9-abcde', { owner: 'ReplicaSet/packer-5d8f7c6b9', ...options })

it('asks another scheduler for the pods that ask for it', async () => {
  const stale = lease('kube-scheduler', 900)
  const unknown = await outcomeOf(batch, stale)
  expect(unknown.findings).toMatchObject([{ kind: 'cause', strength: 'strong', subject: { name: 'web' } }])
  expect((await outcomeOf(batch, packer())).findings).toEqual([])
  const ill = await outcomeOf(batch, packer({ ready: false, containers: [{ status: crashed() }] }))
  expect(ill.findings).toMatchObject([{ kind: 'mechanism', subject: { name: 'packer' } }])
  const scaled = await outcomeOf(batch, workload('Deployment', 'infra/packer', { spec: { replicas: 0 } }, 0))
  expect(scaled.findings).toMatchObject([{ kind: 'cause', subject: { name: 'packer' } }])
  expect(scaled.findings[0]?.says).toContain('is scaled to 0')
})

it('knows another scheduler by its arguments or its profile', async () => {
  const named = pod('infra/second-0', {
    owner: 'StatefulSet/second',
    containers: [{ spec: { command: ['kube-scheduler', '--scheduler-name=packer'] } }],
  })
  expect((await outcomeOf(batch, named)).findings).toEqual([])
  const config = thing('v1', 'ConfigMap', 'infra/profiles', {
    data: { 'config.yaml': 'profiles:\n- schedulerName: packer\n' },
  })
  const spec = { volumes: [{ name: 'config', configMap: { name: 'profiles' } }] }
  const configured = pod('infra/second-0', { owner: 'StatefulSet/second', spec })
  expect((await outcomeOf(batch, config, configured)).findings).toEqual([])
  const other = thing('v1', 'ConfigMap', 'infra/profiles', { data: { 'config.yaml': '- schedulerName: packer-2\n' } })
  expect((await outcomeOf(batch, other, configured)).findings).toHaveLength(1)
})

it('does not take for another scheduler what only asks for it, or is called otherwise', async () => {
  const asking = waiting('web-7d4f8b9c5-abcde', 600, {
    schedulerName: 'packer',
    containers: [{ name: 'packer', image: 'registry.example/web:1' }],
  })
  const otherwise = pod('infra/second-0', {
    owner: 'StatefulSet/second',
    containers: [{ spec: { args: ['--scheduler-name=stacker'] } }],
  })
  expect((await outcomeOf(asking, otherwise)).findings).toMatchObject([{ subject: { name: 'web' } }])
  const contained = pod('infra/second-0', { owner: 'StatefulSet/second', containers: [{ name: 'packer' }] })
  expect((await outcomeOf(batch, contained)).findings).toEqual([])
})

it('tells what it saw of a scheduler', async () => {
  const earlier = pod('shop/cart-6b7c8d9f5-abcde', { owner: 'ReplicaSet/cart-6b7c8d9f5', created: 1000 })
  const says = async (...objects: Thing[]) => (await outcomeOf(...objects)).findings[0]?.says
  expect(await says(web, earlier, lease('kube-scheduler', 900))).toContain(
    '; it gave a pod its node last at 2026-02-01 11:43',
  )
  expect(await says(web, lease('kube-scheduler', 900))).not.toContain('gave a pod')
  expect(await says(batch, packer({ ready: false }))).toContain('Deployment packer has no pod that is well')
  const empty = workload('Deployment', 'infra/packer')
  expect(await says(batch, empty)).toContain('Deployment packer has no pod)')
  expect(await says(batch)).toContain('no pod has its node from it, and nothing here runs it')
  const scaled = await outcomeOf(batch, workload('Deployment', 'infra/packer', { spec: { replicas: 0 } }, 0))
  expect(scaled.findings[0]?.cites[0]).toMatchObject({ pointer: '/items/0/spec/replicas' })
  expect((await outcomeOf(batch, empty)).findings[0]?.cites[0]).toMatchObject({ pointer: '/items/0/status' })
})

it('is not sure of another scheduler that runs where it is not seen', async () => {
  const bound = pod('shop/web-7d4f8b9c5-fghij', {
    owner: 'ReplicaSet/web-7d4f8b9c5',
    created: 7200,
    spec: { schedulerName: 'packer' },
  })
  expect((await outcomeOf(batch, bound)).findings).toMatchObject([{ strength: 'weak' }])
})

it('is the cause, or what follows from the crash of the scheduler', async () => {
  const report = (...objects: Thing[]) => analyze(bundleOf({ objects }), { name: 'scene', toolVersion: '0' })
  const stood = await report(web, lease('kube-scheduler', 900), control('kube-scheduler'))
  expect(stood.causes[0]).toMatchObject({ rule: 'scheduler-down', subject: { name: 'kube-scheduler-cp-1' } })
  const containers = [{ name: 'kube-scheduler', status: crashed({ restarts: 8 }) }]
  const crashes = await report(
    web,
    lease('kube-scheduler', 900),
    control('kube-scheduler', { containers, ready: false }),
  )
  expect(crashes.causes[0]).toMatchObject({ subject: { name: 'kube-scheduler-cp-1' } })
  expect(crashes.causes[0]?.chain.map(({ rule }) => rule)).toContain('unscheduled-pods')
})
