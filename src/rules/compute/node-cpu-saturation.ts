import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { Node } from '../../incident/node.ts'
import type { Pod } from '../../incident/pod.ts'
import { showCores } from '../../incident/quantity.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { countOrNo } from '../../incident/telling.ts'
import { usageOfContainer } from '../../incident/usage.ts'
import { findingOf } from '../group-by-node.ts'
import { type Claim, type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { timesOf } from '../times-of.ts'
import { alsoStolenFrom, type Measured, queueOn, stolenFrom, useOf, waitingOn } from './busy-node.ts'
import { slowWorkloadsByNode } from './probe-timeouts.ts'

/** A node whose processors are all busy, so that everything on it is slow. */
export const nodeCpuSaturation: Rule<'node-cpu-saturation'> = {
  id: 'node-cpu-saturation',
  title: 'The processors of a node are exhausted',
  domain: 'compute',
  needs: ['pods', 'nodes'],
  helps: ['nodes.metrics.k8s.io', 'kubelet-stats', 'node-pressure', 'aws-cloudwatch'],
  explains: ['crashing', 'not-ready', 'node-unhealthy', 'slow', 'no-endpoints', 'errors'],
  explain: {
    mechanism:
      'Containers without limits, with requests far below what they use, or daemons of the node take all processor time. A burstable machine without credits has only a fraction of its processors. Whatever runs there answers late: probes, the runtime, at last the kubelet.',
    proof: [
      'The node uses more than 90 % of its processors (kubectl top node), and probes of unrelated pods on it time out.',
      'On the node: /proc/stat, of which more than 90 % are not idle between two readings, or a tenth is stolen by its host; /proc/pressure/cpu and the run queue tell who waits.',
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

/** Workloads that have nothing to do with one another and are slow at once: below this it may be chance. */
const FEWEST_WORKLOADS = 3

function judge(incident: Incident, node: Node, late: readonly (readonly Said[])[]): Finding | Rejection | undefined {
  const use = useOf(incident, node)
  const isBusy = use?.isSaturated === true
  if (!isBusy && late.length < FEWEST_WORKLOADS) return undefined
  const stolen = stolenFrom(incident, node.ref.name)
  if (use && !isBusy && !stolen)
    return reject(node.ref, `Probes of ${late.length} workloads time out there, but it ${use.says}.`)
  const other = node.conditions.find(
    ({ type, status }) => ['DiskPressure', 'PIDPressure'].includes(type) && status === 'True',
  )
  if (other) return reject(node.ref, `Probes time out there, but it has ${other.type}.`)
  return describe(incident, node, late, { busy: isBusy ? use : undefined, stolen })
}

function describe(
  incident: Incident,
  { ref, ...node }: Node,
  late: readonly (readonly Said[])[],
  { busy, stolen }: { readonly busy: Measured | undefined; readonly stolen: Measured | undefined },
): Finding {
  const said = late.flat()
  const pods = [
    ...new Map(said.flatMap(({ about }) => incident.podOf(about) ?? []).map((pod) => [keyOf(pod.ref), pod])).values(),
  ]
  const sick = pods.filter((pod) => isSuffering(incident, pod))
  const [waiting, queue] = [waitingOn(incident, ref.name), queueOn(incident, ref.name)]
  const measured = [busy, stolen, waiting, queue].filter((one) => one !== undefined)
  const told = [
    ...(busy ? [`${busy.says}${describeHog(incident, ref.name)}`] : []),
    ...(stolen ? [stolen.says] : []),
    ...(said.length > 0
      ? [`probes of ${countOrNo(pods.length, 'pod')} on it timed out ${countOrNo(timesOf(said), 'time')}`]
      : []),
    ...[waiting, queue].flatMap((one) => one?.says ?? []),
  ]
  return {
    ...findingOf(incident, { ref, said }, sick, {
      kind: sick.length > 0 ? 'cause' : 'risk',
      strength: (busy || stolen || waiting) && sick.length > 0 ? 'strong' : 'weak',
      says: `Node ${ref.name}${busy ? '' : ':'} ${told.join('; ')}.`,
      cites: atLeastOne([
        ...(busy ? busy.cites.slice(0, 1) : [cite({ ref, ...node }, ['metadata', 'name'])]),
        ...said.map(({ citation }) => citation).slice(0, 3),
        ...measured.flatMap((one) => (one === busy ? one.cites.slice(1) : one.cites)),
      ]),
      missing: waiting || queue ? [] : ['Pressure and run queue of the node.'],
      against: stolen ? describeControl(incident, stolen) : [],
    }),
  }
}

/** A node whose host takes as much and on which nothing is late. */
function describeControl(incident: Incident, stolen: Measured): readonly Claim[] {
  const slow = slowWorkloadsByNode(incident)
  const control = alsoStolenFrom(incident, stolen, (node) => slow.has(node))
  const [first, ...rest] = control?.cites ?? []
  return control && first
    ? [{ says: `On node ${control.node} nothing is late, and ${control.says}.`, cites: [first, ...rest] }]
    : []
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
