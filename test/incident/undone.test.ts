import { expect, it } from 'vitest'
import { findUndone } from '../../src/incident/undone.ts'
import { ago, incidentOf, type Scene, type Thing } from './scene.ts'
import { endpointSlice, node, pod, service, thing, workload, wrote } from './things.ts'

const spec = (seconds: number) => [wrote('kubectl', seconds, { 'f:spec': { 'f:replicas': {} } })]
const web = (metadata: Record<string, unknown> = {}) =>
  workload('Deployment', 'shop/web', { metadata: { generation: 2, managedFields: spec(600), ...metadata } })
const job = (patch: Record<string, unknown> = {}) =>
  thing('batch/v1', 'Job', 'shop/report', { metadata: { creationTimestamp: ago(600) }, spec: {}, status: {}, ...patch })
const namespace = (metadata: Record<string, unknown>, conditions: object[] = [], finalizers = ['kubernetes']) =>
  thing('v1', 'Namespace', 'old', { metadata, spec: { finalizers }, status: { conditions } })
const cart = (patch: { metadata?: object; spec?: object } = {}) =>
  service('shop/cart', { ...patch, metadata: { creationTimestamp: ago(600), ...patch.metadata } })
const slice = endpointSlice('default/kubernetes', [])
const lease = (place: string, seconds: number) =>
  thing('coordination.k8s.io/v1', 'Lease', place, { spec: { renewTime: ago(seconds) } })
const stale = lease('kube-system/kube-controller-manager', 900)
const machine = (status = 'True') =>
  node('node-1', { status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime: ago(600) }] } })
const silent = lease('kube-node-lease/node-1', 600)
const ended = { metadata: { creationTimestamp: ago(600), deletionTimestamp: ago(300) } }
const whatOf = async (objects: readonly Thing[], scene: Partial<Scene> = {}) =>
  findUndone(await incidentOf({ objects, ...scene })).map(({ what }) => what)

it.each<[string, Thing[]]>([
  ['spec', [web()]],
  ['job', [job()]],
  ['job', [job({ spec: { managedBy: 'kubernetes.io/job-controller' } })]],
  ['job', [job(), pod('shop/report-x', { owner: 'Job/other' }), pod('shop/report-y', { owner: 'ReplicaSet/report' })]],
  ['deletion', [namespace({ deletionTimestamp: ago(600) }, [{ type: 'Other', status: 'True' }])]],
  ['endpoints', [cart(), slice]],
  ['node', [stale, machine(), silent]],
])('%s is undone', async (what, objects) => {
  expect(await whatOf(objects)).toEqual([what])
})

it.each<[string, Thing[]]>([
  ['a workload that goes', [web({ deletionTimestamp: ago(300) })]],
  ['a workload of which nobody knows when it was written', [web({ managedFields: [] })]],
  ['a Job that goes', [job(ended)]],
  ['a Job that has a pod', [job(), pod('shop/report-x', { owner: 'Job/report' })]],
  ['a Job that was written just now', [job({ metadata: { creationTimestamp: ago(600), managedFields: spec(70) } })]],
  ['a namespace that is there', [namespace({})]],
  ['a namespace that nothing keeps', [namespace({ deletionTimestamp: ago(600) }, [], [])]],
  ['a Service without selector', [cart({ spec: { selector: null } }), slice]],
  ['a Service outside', [cart({ spec: { type: 'ExternalName', externalName: 'x.example' } }), slice]],
  ['a Service that goes', [cart({ metadata: { deletionTimestamp: ago(300) } }), slice]],
  ['a Service that has a slice', [cart(), slice, endpointSlice('shop/cart', [])]],
  ['a Service where no slices are', [cart()]],
  ['a Service that was made just now', [cart({ metadata: { creationTimestamp: ago(70) } }), slice]],
  ['a node that is called lost', [stale, machine('Unknown'), silent]],
  ['a node without a lease', [stale, machine()]],
  ['a node while its controller works', [lease('kube-system/kube-controller-manager', 62), machine(), silent]],
  ['a node whose controller is not seen', [machine(), silent]],
])('%s is not', async (_, objects) => {
  expect(await whatOf(objects)).toEqual([])
})

it('takes other writes for no new task', async () => {
  const labelled = [wrote('kubectl-label', 70, { 'f:metadata': { 'f:labels': { 'f:a': {} } } })]
  const metadata = { creationTimestamp: ago(600), managedFields: labelled }
  expect(await whatOf([job({ metadata }), cart({ metadata }), slice])).toEqual(['job', 'endpoints'])
})

it('says nothing of endpoints that may not be read', async () => {
  expect(await whatOf([cart(), slice], { denied: ['endpointslices.discovery.k8s.io'] })).toEqual([])
})
