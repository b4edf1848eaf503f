import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { listPending } from '../../incident/pending.ts'
import { CLUSTER, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rejection, reject, type Strength } from '../rule.ts'

/** Why no node comes for pods that wait for one, as components say it. */
export interface NoNode {
  readonly subject: Ref
  readonly said: readonly Said[]
  /** Workloads whose pods wait for a node, and these pods. */
  readonly waiting: readonly Ref[]
}

/** Groups what was said by what it is about: the workload of a pod, a NodePool, a node group. Without pods that wait there is nothing to explain. */
export function* noNodeFor(
  incident: Incident,
  ids: readonly MessageId[],
  strength: Strength,
  tell: (found: NoNode) => string,
  whyNot: (found: NoNode) => string | undefined = () => undefined,
): Generator<Finding | Rejection> {
  const groups = listPending(incident)
  const pending = new Set(groups.map(({ workload }) => keyOf(workload)))
  const said = incident.said(...ids).filter((one) => isOfNodes(one) && isCurrent(incident, one))
  for (const [, members] of Map.groupBy(said, (one) => keyOf(subjectOf(incident, one)))) {
    const subject = subjectOf(incident, members[0] as Said)
    const isWorkload = incident.workloadOf(subject) !== undefined
    if (groups.length === 0 || (isWorkload && !pending.has(keyOf(subject)))) {
      yield reject(subject, 'No pod of it waits for a node now.')
      continue
    }
    const mine = isWorkload
      ? groups.filter(({ workload }) => keyOf(workload) === keyOf(subject))
      : groups.filter(({ since }) => isMeant(since, members))
    if (mine.length === 0) {
      yield reject(subject, 'Pods wait for a node, and began to long after it was last said.')
      continue
    }
    const waiting = uniqueRefs(mine.flatMap(({ workload, pods }) => [workload, ...pods.map(({ pod }) => pod.ref)]))
    const found = { subject, said: members, waiting }
    const objection = whyNot(found)
    if (objection !== undefined) {
      yield reject(subject, objection)
      continue
    }
    yield {
      kind: 'cause',
      subject,
      strength,
      from: earliest(members.map(({ first }) => first)),
      says: tell(found),
      cites: atLeastOne(members.slice(-3).map(({ citation }) => citation)),
      affects: uniqueRefs([
        ...waiting,
        ...members.flatMap(({ about }) => (CLAIMS.includes(about.kind) ? [about] : [])),
      ]),
    }
  }
}

/** What Karpenter asks for machines with: its conditions say that there is none. */
const CLAIMS: readonly string[] = ['NodeClaim', 'Machine']

/** Who was refused a machine asks again within half an hour (cluster autoscaler: --max-node-group-backoff-duration). */
const ASKS_AGAIN = 30 * 60 * 1000

/** Whether what is said of no pod may be of pods that began to wait then. */
function isMeant(since: number | undefined, said: readonly Said[]): boolean {
  return said.some(
    ({ source, last = Number.POSITIVE_INFINITY }) =>
      source === 'condition' || since === undefined || last >= since - ASKS_AGAIN,
  )
}

/** What is refused to these is no machine: a load balancer, a disk. */
const NO_NODES: readonly string[] = [
  'Service',
  'Ingress',
  'TargetGroupBinding',
  'PersistentVolumeClaim',
  'PersistentVolume',
]

/** Who orders machines: what the logs of others say of the cloud is about something else. */
const ORDERERS = ['karpenter', 'autoscaler']

function isOfNodes({ about, source }: Said): boolean {
  return !NO_NODES.includes(about.kind) && (source !== 'log' || ORDERERS.some((one) => about.name.includes(one)))
}

/** Of a NodeClaim its NodePool, of a pod its workload; of what an autoscaler says of no pod, the cluster. */
function subjectOf(incident: Incident, { about, source }: Said): Ref {
  if (source === 'log' || about.kind === 'ConfigMap') return CLUSTER
  if (CLAIMS.includes(about.kind)) {
    const pool = incident.find(about.kind, about.namespace, about.name)?.labels['karpenter.sh/nodepool']
    return pool === undefined ? poolByName(incident, about) : { kind: 'NodePool', name: pool }
  }
  return incident.topOf(about)
}

/** Of a NodeClaim that is gone: `<nodepool>-<five letters and digits>`. */
function poolByName(incident: Incident, about: Ref): Ref {
  const name = about.name.replace(/-[a-z0-9]{5}$/, '')
  return incident.find('NodePool', undefined, name) ? { kind: 'NodePool', name } : about
}
