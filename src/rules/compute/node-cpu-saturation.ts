import { cite } from '../../incident/citation.ts'
import { citeFigure } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { Node } from '../../incident/node.ts'
import type { Pod } from '../../incident/pod.ts'
import { showCores } from '../../incident/quantity.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { countOrNo } from '../../incident/telling.ts'
import { usageOfContainer, usageOfNode } from '../../incident/usage.ts'
import { findingOf } from '../group-by-node.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { timesOf } from '../times-of.ts'
import { slowWorkloadsByNode } from './probe-timeouts.ts'

/** A node whose processors are all busy, so that everything on it is slow. */
export const nodeCpuSaturation: Rule<'node-cpu-saturation'> = {
  id: 'node-cpu-saturation',
  title: 'The processors of a node are exhausted',
  domain: 'compute',
  needs: ['pods', 'nodes'],
  helps: ['nodes.metrics.k8s.io', 'kubelet-stats', 'node-logs', 'aws-cloudwatch'],
  explains: ['crashing', 'not-ready', 'node-unhealthy', 'slow', 'no-endpoints', 'errors'],
  explain: {
    mechanism:
      'Containers without limits, with requests far below what they use, or daemons of the node take all processor time. A burstable machine without credits has only a fraction of its processors. Whatever runs there answers late: probes, the runtime, at last the kubelet.',
    proof: [
      'The node uses more than 90 % of its processors (kubectl top node), and probes of unrelated pods on it time out.',
      'On the node: /proc/pressure/cpu, the run queue, steal time.',
    ],
    lookAlikes: [
      'cpu-limit-throttling: only one workload is slow, the node idles.',
      'root-volume-io-throttled: processes wait for the disk, not for the processor.',
      'pleg-unhealthy and container-runtime-down: the runtime does not answer.',
    ],
    mitigate: [
      { says: 'Keep new pods away from the node.', command: 'kubectl cordon {node}', changes: true },
      { says: 'Find the hog.', command: 'kubectl top pods -A --sort-by=cpu', changes: false },
    ],
    fix: ['Set CPU requests to what is used; take machines that are not burstable for steady load.'],
    links: ['https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-usage-monitoring/'],
  },
  *evaluate(incident) {
    const slow = slowWorkloadsByNode(incident)
    for (const node of incident.nodes) {
      const late = [...(slow.get(node.ref.name)?.values() ?? [])]
      const verdict = judge(incident, node, late)
      if (verdict) yield verdict
    }
  },
}

/** Coroot and the kubelet's own reservations: above this a node has no room left for peaks. */
const SATURATED = 0.9

/** Workloads that have nothing to do with one another and are slow at once: below this it may be chance. */
const FEWEST_WORKLOADS = 3

/** Tasks that wait for a processor half of the time (PSI; our judgement). A kernel without PSI tells zero, which says nothing. */
const WAITING = 50

function judge(incident: Incident, node: Node, late: readonly (readonly Said[])[]): Finding | Rejection | undefined {
  const usage = usageOfNode(incident, node.ref.name)
  const share = usage?.cpu === undefined ? undefined : usage.cpu / (node.allocatable.cpu ?? Number.POSITIVE_INFINITY)
  const isBusy = share !== undefined && share >= SATURATED
  if (!isBusy && late.length < FEWEST_WORKLOADS) return undefined
  if (!isBusy && share !== undefined)
    return reject(
      node.ref,
      `Probes of ${late.length} workloads time out there, but it uses ${percent(share)} of its processors.`,
    )
  const other = node.conditions.find(
    ({ type, status }) => ['DiskPressure', 'PIDPressure'].includes(type) && status === 'True',
  )
  if (other) return reject(node.ref, `Probes time out there, but it has ${other.type}.`)
  return describe(incident, node, late.flat(), isBusy ? { share: share, citation: usage?.citation } : undefined)
}

function describe(
  incident: Incident,
  node: Node,
  late: readonly Said[],
  busy: { share: number; citation: Finding['cites'][0] | undefined } | undefined,
): Finding {
  const pods = [
    ...new Map(late.flatMap(({ about }) => incident.podOf(about) ?? []).map((pod) => [keyOf(pod.ref), pod])).values(),
  ]
  const sick = pods.filter((pod) => isSuffering(incident, pod))
  const waiting = incident.counters.of(node.ref.name)?.usage?.pressure.cpu.avg60
  const isWaiting = waiting !== undefined && waiting.value >= WAITING
  const hog = busy ? describeHog(incident, node.ref.name) : ''
  const says = `Node ${node.ref.name}${busy ? ` uses ${percent(busy.share)} of its processors${hog}` : ''}${late.length > 0 ? `${busy ? ';' : ':'} probes of ${countOrNo(pods.length, 'pod')} on it timed out ${countOrNo(timesOf(late), 'time')}` : ''}${isWaiting ? `; tasks waited for a processor in ${Math.round(waiting.value)} % of the last minute` : ''}.`
  const said = late.map(({ citation }) => citation).slice(0, 3)
  return {
    ...findingOf(incident, { ref: node.ref, said: late.length > 0 ? late : [] }, sick, {
      kind: sick.length > 0 ? 'cause' : 'risk',
      strength: (busy || isWaiting) && sick.length > 0 ? 'strong' : 'weak',
      says,
      cites: [busy?.citation ?? cite(node, ['metadata', 'name']), ...said, ...(isWaiting ? [citeFigure(waiting)] : [])],
      missing: isWaiting ? [] : ['Pressure and run queue of the node.'],
    }),
  }
}

/** Who used most of the node's processors at the moment of the capture. */
function describeHog(incident: Incident, node: string): string {
  const used = incident.podsOn(node).map((pod) => ({ pod, cores: usedBy(incident, pod) }))
  const [most] = used.sort((a, b) => b.cores - a.cores || (a.pod.ref.name < b.pod.ref.name ? -1 : 1))
  return most && most.cores > 0
    ? `, ${showCores(most.cores)} of it by ${most.pod.ref.namespace}/${most.pod.ref.name}`
    : ''
}

function usedBy(incident: Incident, pod: Pod): number {
  const names = listAt(pod.json, 'spec', 'containers').map((one) => textAt(one, 'name'))
  return names.reduce((sum, name) => sum + (usageOfContainer(incident, pod.ref, name)?.cpu ?? 0), 0)
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
