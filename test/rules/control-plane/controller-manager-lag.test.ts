import { describe, expect, it } from 'vitest'
import { analyze } from '../../../src/rca/analyze.ts'
import { controllerManagerLag } from '../../../src/rules/control-plane/controller-manager-lag.ts'
import { servicesWithoutEndpoints } from '../../../src/rules/generic/services-without-endpoints.ts'
import { stalledRollouts } from '../../../src/rules/generic/stalled-rollouts.ts'
import { uncreatedPods } from '../../../src/rules/generic/uncreated-pods.ts'
import { unhealthyNodes } from '../../../src/rules/generic/unhealthy-nodes.ts'
import { ago, bundleOf, type Thing } from '../../incident/scene.ts'
import { crashed, event, node, pod, replicaSet, service, thing, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const web = (generation: number, seconds: number) =>
  workload('Deployment', 'shop/web', {
    metadata: { generation, managedFields: [wrote('kubectl', seconds, { 'f:spec': { 'f:replicas': {} } })] },
  })

describe('controller-manager-lag', () => {
  it('sees what controllers have not seen for minutes', async () => {
    const outcome = await evaluate(controllerManagerLag, { objects: [web(2, 600)] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong', subject: { kind: 'Cluster' } })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
    expect((await evaluate(stalledRollouts, { objects: [web(2, 600)] })).findings).toMatchObject([
      { symptom: 'rollout-stalled', subject: { name: 'web' }, from: Date.parse(ago(600)) },
    ])
  })

  it('is quiet of what was asked for just now, and of what was seen', async () => {
    for (const one of [web(2, 70), web(1, 600)]) {
      expect((await evaluate(controllerManagerLag, { objects: [one] })).status).toBe('clear')
      expect((await evaluate(stalledRollouts, { objects: [one] })).status).toBe('clear')
    }
  })
})

const lease = (seconds: number) =>
  thing('coordination.k8s.io/v1', 'Lease', 'kube-system/kube-controller-manager', {
    spec: { holderIdentity: 'cp-1_5f3c', leaseDurationSeconds: 15, renewTime: ago(seconds) },
  })
const manager = (options: Parameters<typeof pod>[1] = {}) =>
  pod('kube-system/kube-controller-manager-cp-1', {
    owner: 'Node/cp-1',
    node: 'cp-1',
    containers: [{ name: 'kube-controller-manager' }],
    ...options,
  })
const job = (seconds: number, spec = {}, status = {}) =>
  thing('batch/v1', 'Job', 'shop/report', { metadata: { creationTimestamp: ago(seconds) }, spec, status })
const doomed = (seconds: number, conditions: object[] = []) =>
  thing('v1', 'Namespace', 'old', {
    metadata: { deletionTimestamp: ago(seconds) },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Terminating', conditions },
  })
const slice = thing('discovery.k8s.io/v1', 'EndpointSlice', 'default/kubernetes', {
  metadata: { labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  endpoints: [],
})
const outcomeOf = (...objects: Thing[]) => evaluate(controllerManagerLag, { objects })
const stale = lease(900)

describe('controllers that do not run', () => {
  it.each<[string, string, Thing[]]>([
    ['a spec', 'what was asked of Deployment web', [web(2, 600)]],
    ['a Job', 'the pods of Job report', [job(600)]],
    ['a namespace', 'the deletion of Namespace old', [doomed(600)]],
    [
      'a Service',
      'the endpoints of Service cart',
      [slice, service('shop/cart', { metadata: { creationTimestamp: ago(600) }, spec: { selector: { app: 'cart' } } })],
    ],
    [
      'lost pods',
      'pods that Deployment web should have',
      [workload('Deployment', 'shop/web', { status: { replicas: 0 } })],
    ],
  ])('left %s undone', async (_, words, objects) => {
    const outcome = await outcomeOf(stale, manager(), ...objects)
    expect(subjectsOf(outcome)).toEqual(['Pod kube-system/kube-controller-manager-cp-1'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', from: Date.parse(ago(900)) })
    expect(outcome.findings[0]?.says).toContain(words)
    const ofWorking = (await outcomeOf(lease(62), manager(), ...objects)).findings
    expect(ofWorking.filter(({ strength, says }) => strength === 'proof' || !says.includes('web'))).toEqual([])
  })

  it('is proved by what was asked for since, and not by what was before', async () => {
    expect((await outcomeOf(stale, job(600))).findings).toMatchObject([
      { strength: 'proof', subject: { kind: 'Lease', name: 'kube-controller-manager' } },
    ])
    expect((await outcomeOf(stale, job(1200))).findings).toMatchObject([{ strength: 'strong' }])
  })

  it('leaves a node that went silent Ready', async () => {
    const silent = (name: string, seconds: number, heartbeat = seconds) => [
      node(name, { status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: ago(heartbeat) }] } }),
      thing('coordination.k8s.io/v1', 'Lease', `kube-node-lease/${name}`, { spec: { renewTime: ago(seconds) } }),
    ]
    const objects = [stale, ...silent('node-1', 600), ...silent('node-2', 70), ...silent('node-3', 600, 70)]
    const outcome = await outcomeOf(...objects)
    expect(outcome.findings[0]?.says).toContain('the silence of Node node-1')
    expect(outcome.findings[0]?.says).not.toContain('node-2')
    expect(subjectsOf(await evaluate(unhealthyNodes, { objects }))).toEqual(['Node node-1'])
    expect(await outcomeOf(lease(62), ...silent('node-1', 600))).toMatchObject({ findings: [] })
  })

  it('have a reason of their own where their pods fail', async () => {
    const containers = [{ name: 'kube-controller-manager', status: crashed() }]
    const outcome = await outcomeOf(job(600), manager({ containers, ready: false }))
    expect(outcome.findings).toMatchObject([{ kind: 'mechanism', subject: { name: 'kube-controller-manager-cp-1' } }])
  })

  it('harm the pods of what they left undone', async () => {
    const own = pod('shop/web-7d4f8b9c5-abcde', { owner: 'ReplicaSet/web-7d4f8b9c5', created: 90_000 })
    expect((await outcomeOf(stale, web(2, 600), own)).findings[0]?.affects).toContainEqual({
      kind: 'Pod',
      namespace: 'shop',
      name: 'web-7d4f8b9c5-abcde',
    })
  })

  it('are not blamed for pods that were refused', async () => {
    const lost = workload('Deployment', 'shop/web', { status: { replicas: 0 } })
    const refused = event('shop', 'Deployment/web', 'FailedCreate', 'Error creating: exceeded quota')
    expect(await outcomeOf(stale, lost, refused)).toMatchObject({ findings: [], rejections: [{}] })
  })

  it('that work may be behind with a ReplicaSet, which the Deployment before it would show', async () => {
    const behind = replicaSet('shop/web-7d4f8', 'web', 1, {
      metadata: {
        generation: 3,
        managedFields: [wrote('kube-controller-manager', 600, { 'f:spec': { 'f:replicas': {} } })],
      },
      status: { observedGeneration: 2 },
    })
    expect((await outcomeOf(lease(62), behind)).findings).toEqual([])
    expect((await outcomeOf(stale, behind)).findings).toHaveLength(1)
  })

  it('are blamed for nothing where nothing is left undone', async () => {
    expect(await outcomeOf(stale, workload('Deployment', 'shop/api'))).toMatchObject({ findings: [], rejections: [{}] })
  })

  it.each<[string, Thing[]]>([
    ['is suspended', [job(600, { suspend: true })]],
    ['is another controller’s', [job(600, { managedBy: 'kueue.x-k8s.io/multikueue' })]],
    ['was begun', [job(600, {}, { startTime: ago(590) })]],
    ['is new', [job(100)]],
    [
      'was refused its pods',
      [job(600), event('shop', 'Job/report', 'FailedCreate', 'no', { component: 'job-controller' })],
    ],
    ['is a namespace that was looked at', [doomed(600, [{ type: 'NamespaceContentRemaining', status: 'True' }])]],
  ])('are not blamed for what %s', async (_, objects) => {
    expect((await outcomeOf(stale, ...objects)).findings).toEqual([])
  })

  it('are the cause of what is seen', async () => {
    const containers = [{ name: 'kube-controller-manager', status: crashed({ restarts: 8 }) }]
    const objects = [job(600), web(2, 600), replicaSet('shop/web-7d4f8', 'web', 1), stale]
    const report = (...more: Thing[]) =>
      analyze(bundleOf({ objects: [...objects, ...more] }), { name: 'x', toolVersion: '0' })
    expect((await report(manager())).causes[0]).toMatchObject({
      rule: 'controller-manager-lag',
      confidence: 'confirmed',
    })
    const scene = { objects: [stale, manager(), doomed(600)] }
    const ofNamespace = (await analyze(bundleOf(scene), { name: 'x', toolVersion: '0' })).causes[0]
    expect(ofNamespace?.chain.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['controller-manager-lag', 'namespace-stuck-terminating']),
    )
    const [cause] = (await report(manager({ containers, ready: false }))).causes
    expect(cause).toMatchObject({ subject: { name: 'kube-controller-manager-cp-1' } })
    expect(cause?.chain.map(({ rule }) => rule)).toContain('controller-manager-lag')
  })
})

it('tells of a Job that nobody has begun', async () => {
  expect((await evaluate(uncreatedPods, { objects: [job(600)] })).findings).toMatchObject([
    { symptom: 'not-created', subject: { kind: 'Job', name: 'report' } },
  ])
  expect((await evaluate(uncreatedPods, { objects: [job(600, { suspend: true })] })).findings).toEqual([])
})

it('tells of a Service whose ready pods nobody has written down', async () => {
  const objects = [service('shop/cart'), pod('shop/cart-0', { owner: 'StatefulSet/cart', labels: { app: 'cart' } })]
  const { findings } = await evaluate(servicesWithoutEndpoints, { objects })
  expect(findings.map(({ says }) => says)).toEqual([
    'Nobody answers for the Service cart: its EndpointSlices have none of its 1 ready pod.',
  ])
})
