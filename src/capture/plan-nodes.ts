import type { Collector } from '../collector.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import type { InsideWay } from '../sources/node/inside.ts'
import { asksToCreate, connectQuestions } from './access.ts'
import { isAllowed, type Reviewed } from './identity.ts'
import type { CaptureOptions, PlannedSource } from './options.ts'
import { accessOf } from './plan-options.ts'

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
  if (collector.ways) return [describeInside(collector, discovery, options, reviewed)]
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

/** By a probe first, which reads all of it; of those that are not denied admission may still have its own mind, so that only the attempt tells. */
function describeInside(
  collector: Collector,
  discovery: Discovery,
  options: Options,
  reviewed: Reviewed,
): PlannedSource {
  const open = INSIDE_WAYS.filter((way) => options.inside.ways.includes(way) && collector.ways?.includes(way))
  const ways = open.filter((way) => accessOf(way, discovery, options, reviewed).access !== 'denied')
  const source = { ...about(collector, scopeOf(ways[0] ?? open[0], options)), ways }
  const isAll = ways.some((way) => way !== 'exec')
  const next = isAll
    ? {}
    : { next: { tier: open.includes('node-diagnostic') ? 'node-diagnostic' : 'probe', adds: INSIDE } as const }
  if (ways.length > 0) return { ...source, access: 'unknown', ...next }
  return { ...source, access: 'denied', ...next, loss: `the bundle will hold nothing of ${collector.id}` }
}

const INSIDE_WAYS = ['probe', 'exec', 'node-diagnostic'] as const

function scopeOf(way: InsideWay | undefined, { inside }: Options): PlannedSource['scope'] {
  if (way === 'node-diagnostic') return { resource: 'nodediagnostics.eks.amazonaws.com' }
  if (way === 'probe') return { resource: 'jobs.batch', namespace: inside.probeNamespace }
  return { resource: 'pods/exec', namespace: 'kube-system' }
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

function mayForward(namespace: string, discovery: Discovery, reviewed: Reviewed): PlannedSource['access'] {
  const answers = connectQuestions(namespace)
    .filter(({ verb }) => verb === 'get' || asksToCreate(discovery))
    .map((question) => isAllowed(reviewed, question))
  return (['denied', 'unknown'] as const).find((one) => answers.includes(one)) ?? 'allowed'
}

function about(collector: Collector, scope: PlannedSource['scope']) {
  return { collector: collector.id, title: collector.title, band: collector.volatility, scope, ...UNKNOWN_SIZE }
}
