import type { Collector } from '../collector.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import { connectQuestions } from './access.ts'
import { isAllowed, type Reviewed } from './identity.ts'
import type { CaptureOptions, PlannedSource } from './options.ts'

const UNKNOWN_SIZE = { objects: null, requests: null, bytes: null }

type Options = Pick<CaptureOptions, 'kube' | 'nodes' | 'inside'>

/** The sources of a collector that are on nodes: how many will be asked only their pods tell, and which way leads there only the attempt. */
export function describeNodeSources(
  collector: Collector,
  discovery: Discovery,
  options: Options,
  reviewed: Reviewed,
): PlannedSource[] {
  if (collector.scope === 'node' && options.nodes === 'none') return []
  if (collector.ways) return [describeInside(collector, options)]
  return collector.reads.flatMap((read) => {
    if ('connects' in read) return read.namespaces.map((one) => describePorts(collector, one, discovery, reviewed))
    if (collector.scope !== 'node' || !('resources' in read)) return []
    return read.resources.map((name) => describeKubelet(collector, name, discovery, options, reviewed))
  })
}

function describeKubelet(
  collector: Collector,
  name: string,
  discovery: Discovery,
  { kube }: Options,
  reviewed: Reviewed,
): PlannedSource {
  const [resource = '', subresource = ''] = name.split('/')
  const access = isAllowed(reviewed, { verb: 'get', group: '', resource, subresource })
  const forwards = mayForward(FORWARDERS, discovery, reviewed) !== 'denied'
  const ways = kube.kubelets.ways.filter(
    (way) => way === 'proxy' || (access !== 'denied' && (forwards || way !== 'port-forward')),
  )
  const next = nextTier(access, forwards, ways)
  const loss = access === 'denied' && ways.length === 0 ? { loss: `the bundle will hold no ${name}` } : {}
  return { ...about(collector, { resource: name }), access, ways, ...(next ? { next } : {}), ...loss }
}

/** Pods of a system are those that have the node's network. */
const FORWARDERS = 'kube-system'

function nextTier(
  access: PlannedSource['access'],
  forwards: boolean,
  ways: NonNullable<PlannedSource['ways']>,
): PlannedSource['next'] {
  if (access === 'denied') return { tier: 'kubelet', adds: 'what kubelets count and say' }
  if (!forwards) return { tier: 'port-forward', adds: 'kubelets that this machine does not reach' }
  return ways.includes('proxy') ? undefined : { tier: 'nodes-proxy', adds: 'kubelets that neither way reaches' }
}

/** By a probe first, which reads all of it; whether it may be created only the attempt tells, because admission has its own mind. */
function describeInside(collector: Collector, { inside }: Options): PlannedSource {
  if (collector.ways?.includes('node-diagnostic')) return describeAgent(collector)
  const ways = (['probe', 'exec'] as const).filter((way) => inside.ways.includes(way) && collector.ways?.includes(way))
  const scope = ways.includes('probe')
    ? { resource: 'jobs.batch', namespace: inside.probeNamespace }
    : { resource: 'pods/exec', namespace: 'kube-system' }
  const source = { ...about(collector, scope), access: 'unknown' as const, ways }
  return ways.includes('probe') ? source : { ...source, next: { tier: 'probe', adds: INSIDE } }
}

function describeAgent(collector: Collector): PlannedSource {
  const scope = { resource: 'nodediagnostics.eks.amazonaws.com' }
  return { ...about(collector, scope), access: 'unknown', ways: ['node-diagnostic'] }
}

const INSIDE = 'what only a process on a node can read, with --probe-pods'

function describePorts(
  collector: Collector,
  namespace: string,
  discovery: Discovery,
  reviewed: Reviewed,
): PlannedSource {
  const access = mayForward(namespace, discovery, reviewed)
  const source = { ...about(collector, { resource: 'pods/portforward', namespace }), access }
  if (access !== 'denied') return { ...source, ways: ['port-forward'] }
  const loss = `the bundle will hold nothing that listens on nodes, or counts in pods of ${namespace}`
  return {
    ...source,
    ways: [],
    next: { tier: 'port-forward', adds: 'what the CNI, kube-proxy and components count' },
    loss,
  }
}

/** `create` is asked for since Kubernetes 1.35 (KEP-4006); before, who may not is not hindered. */
function mayForward(namespace: string, { version }: Discovery, reviewed: Reviewed): PlannedSource['access'] {
  const minor = Number(/^v1\.(\d+)/.exec(version?.gitVersion ?? '')?.[1] ?? Number.POSITIVE_INFINITY)
  const answers = connectQuestions(namespace)
    .filter((question) => 'verb' in question && (question.verb === 'get' || minor >= 35))
    .map((question) => isAllowed(reviewed, question))
  return (['denied', 'unknown'] as const).find((one) => answers.includes(one)) ?? 'allowed'
}

function about(collector: Collector, scope: PlannedSource['scope']) {
  return { collector: collector.id, title: collector.title, band: collector.volatility, scope, ...UNKNOWN_SIZE }
}
