import type { Citation } from './citation.ts'
import { cite } from './citation.ts'
import { conditionOf, readConditions } from './condition.ts'
import { controlComponent } from './control-component.ts'
import type { Incident } from './incident.ts'
import { isTrueAt, listAt, numberAt, recordAt, textAt, timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import { keyOf } from './reference.ts'
import { latest } from './telling.ts'
import { touches } from './writes.ts'

/** Something that was asked of a controller of Kubernetes, and that none has looked at for minutes. */
export interface Undone {
  readonly object: KubeObject
  /** spec: a workload's spec was written. job: a Job was made. deletion: a namespace was deleted. endpoints: a Service was made. node: a node went silent. */
  readonly what: 'spec' | 'job' | 'deletion' | 'endpoints' | 'node'
  /** When it was asked for. */
  readonly at: number
  readonly cites: readonly [Citation, ...Citation[]]
}

/** A controller that is well sees a change within seconds. */
const PATIENCE = 2 * 60 * 1000

/** Lists what controllers have not even begun. What they began and could not do is not among it. */
export const findUndone = onceFor((incident: Incident): readonly Undone[] => {
  const found = [
    ...WORKLOADS.flatMap(incident.objects).flatMap(unseenSpec),
    ...incident.objects('jobs.batch').flatMap((job) => unbegunJob(incident, job)),
    ...incident.objects('namespaces').flatMap(unseenDeletion),
    ...incident.services.flatMap((service) => unwrittenEndpoints(incident, service)),
  ].filter(({ at }) => incident.start - at > PATIENCE)
  return [...found, ...unmarkedNodes(incident)]
})

const WORKLOADS = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'replicasets.apps']

/** Its controller notes the generation that it has seen; without the time of the write nothing tells whether it is a matter of seconds. */
function unseenSpec(object: KubeObject): Undone[] {
  const generation = numberAt(object.json, 'metadata', 'generation') ?? 0
  const observed = numberAt(object.json, 'status', 'observedGeneration') ?? 0
  const at = object.writes.findLast((write) => touches(write, 'spec'))?.at
  if (observed >= generation || at === undefined || object.deleted !== undefined) return []
  const cites = [cite(object, ['metadata', 'generation']), cite(object, ['status', 'observedGeneration'])] as const
  return [{ object, what: 'spec', at, cites: [...cites] }]
}

/** The job controller writes a status when it first sees a Job that is not suspended (pkg/controller/job, syncJob); some Jobs are others' (KEP-4368, managedBy). */
function unbegunJob(incident: Incident, object: KubeObject): Undone[] {
  const { json, created, deleted, ref } = object
  const manager = textAt(json, 'spec', 'managedBy')
  const isOthers = manager !== '' && manager !== 'kubernetes.io/job-controller'
  const isBegun = Object.keys(recordAt(json, 'status')).length > 0 || incident.eventsAbout(ref).length > 0
  if (created === undefined || deleted !== undefined || isBegun || isOthers || isTrueAt(json, 'spec', 'suspend'))
    return []
  if (incident.pods.some(({ owners }) => owners.some((one) => one.kind === 'Job' && one.name === ref.name))) return []
  const at = latest([created, ...object.writes.filter((write) => touches(write, 'spec')).map((write) => write.at)])
  return at === undefined ? [] : [{ object, what: 'job', at, cites: [cite(object, ['metadata', 'creationTimestamp'])] }]
}

/** Its controller writes conditions of what it found with its first round (pkg/controller/namespace/deletion, status_condition_utils.go). */
function unseenDeletion(object: KubeObject): Undone[] {
  const isSeen = readConditions(object.json).some(({ type }) => type.startsWith('Namespace'))
  const isKept = listAt(object.json, 'spec', 'finalizers').includes('kubernetes')
  if (object.deleted === undefined || isSeen || !isKept) return []
  return [{ object, what: 'deletion', at: object.deleted, cites: [cite(object, ['metadata', 'deletionTimestamp'])] }]
}

const SLICES = 'endpointslices.discovery.k8s.io'

/** Its controller makes a slice even for a Service that selects no pod (pkg/controller/endpointslice, placeholder). */
function unwrittenEndpoints(
  incident: Incident,
  { object, selector, slices, type }: Incident['services'][number],
): Undone[] {
  const { ref, created, deleted } = object
  const isMeant = Object.keys(selector).length > 0 && type !== 'ExternalName' && deleted === undefined
  if (!isMeant || slices.length > 0 || created === undefined) return []
  if (incident.objects(SLICES).length === 0 || !incident.coverage.isComplete(SLICES, ref.namespace)) return []
  const at = latest([created, ...object.writes.filter((write) => touches(write, 'spec.selector')).map((one) => one.at)])
  return [{ object, what: 'endpoints', at: at ?? created, cites: [cite(object, ['spec', 'selector'])] }]
}

/** Ready becomes Unknown 40 or 50 s after the last word of a kubelet (node-monitor-grace-period), which it gives by its lease or its status. */
const SILENCE = 5 * 60 * 1000

/** Clocks of nodes that are behind look the same: only where nobody is seen to look after nodes. */
function unmarkedNodes(incident: Incident): Undone[] {
  const { state } = controlComponent(incident, 'kube-controller-manager')
  if (state === 'works' || state === 'hidden') return []
  return incident.objects('nodes').flatMap((node) => unmarkedNode(incident, node))
}

function unmarkedNode(incident: Incident, object: KubeObject): Undone[] {
  const ready = conditionOf(readConditions(object.json), 'Ready')
  const lease = incident.find('Lease', 'kube-node-lease', object.ref.name)
  const renewed = timeAt(lease?.json, 'spec', 'renewTime')
  if (ready?.status !== 'True' || !lease || renewed === undefined) return []
  const heartbeat = timeAt(object.json, ...ready.path, 'lastHeartbeatTime')
  const written = latest([renewed, heartbeat, ...lease.writes.map(({ at }) => at)]) ?? renewed
  if (incident.start - written < SILENCE + incident.clocks.tolerance) return []
  const cites = [cite(lease, ['spec', 'renewTime']), cite(object, [...ready.path, 'status'])] as const
  return [{ object, what: 'node', at: written, cites: [...cites] }]
}

/** What was left undone of an object. */
export function undoneOf(incident: Incident, object: KubeObject): Undone | undefined {
  return findUndone(incident).find((one) => keyOf(one.object.ref) === keyOf(object.ref))
}
