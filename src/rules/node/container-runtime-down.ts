import { atLeastOne, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node } from '../../incident/node.ts'
import { keyOf } from '../../incident/reference.ts'
import { countOrNo } from '../../incident/telling.ts'
import {
  findingOf,
  findingOfState,
  groupByNode,
  isOngoing,
  type NodeGroup,
  sufferersOfGroup,
} from '../group-by-node.ts'
import { groupNotBefore } from '../not-before.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { sufferersOn } from '../suffering.ts'
import { failedRuntimeCalls } from './counted.ts'

/** A node whose container runtime, or kubelet, does not answer. */
export const containerRuntimeDown: Rule<'container-runtime-down'> = {
  id: 'container-runtime-down',
  title: 'The container runtime of a node is down',
  domain: 'node',
  needs: ['nodes'],
  helps: ['events', 'pods', 'kubelet-metrics', 'node-logs'],
  explains: ['node-unhealthy', 'not-starting', 'not-ready', 'stuck-terminating', 'no-endpoints', 'evicted'],
  explain: {
    mechanism:
      'containerd (or CRI-O) is stopped, hangs or has a bad configuration. Running containers often go on, but none starts or stops, probes by exec fail, and after a while the kubelet reports the node as not ready.',
    proof: [
      'Ready=False with `container runtime is down` or `container runtime status check may not have completed yet`.',
      '`containerd.sock: connect: connection refused`, ContainerRuntimeUnhealthy of the node problem detector.',
      'status.nodeInfo.containerRuntimeVersion is `containerd://Unknown`.',
      'kubelet_runtime_operations_errors_total grows with every list_containers, list_podsandbox, status or version.',
    ],
    lookAlikes: [
      'bad-entrypoint-or-arch: only one image fails (`OCI runtime create failed`).',
      'cni-ipamd-down: NetworkReady=false: the network plugin, not the runtime.',
      'pleg-unhealthy: the runtime answers, too slowly.',
    ],
    mitigate: [
      { says: 'Keep new pods away; keep the journal.', command: 'kubectl cordon {node}', changes: true },
      { says: 'Restart containerd on the node, or replace it.', changes: true },
    ],
    fix: ['Look for a full disk, a killed containerd or a changed config.toml before the first failure.'],
    links: ['https://kubernetes.io/docs/tasks/debug/debug-cluster/crictl/'],
  },
  *evaluate(incident) {
    const seen = new Set<string>()
    for (const group of groupByNode(incident, ...SAID)) {
      const said = group.said.filter(({ id, about }) => !AMBIGUOUS.has(id) || about.kind === 'Node')
      if (said.length === 0) continue
      seen.add(group.ref.name)
      yield judge(incident, { ...group, said })
    }
    for (const node of incident.nodes)
      if (!seen.has(node.ref.name) && hasUnknownRuntime(node)) yield describeUnknown(incident, node)
    yield* findUnanswered(incident, seen)
  },
}

const SAID = [
  'container-runtime-down',
  'npd-runtime-unhealthy',
  'npd-kubelet-unhealthy',
  'npd-frequent-restart',
  'nma-runtime-failed',
  'nma-service-restarts',
  'nma-service-not-started',
  'nma-kubelet-failed',
  'sandbox-name-reserved',
] as const

/** Said of a pod these may be of that pod alone. */
const AMBIGUOUS = new Set<string>(['nma-runtime-failed', 'sandbox-name-reserved'])

/** What leaves no doubt when the node itself says it. */
const CLEAR = new Set<string>(['container-runtime-down', 'npd-runtime-unhealthy'])

function judge(incident: Incident, group: NodeGroup): Finding | Rejection {
  const { ref, said, node } = group
  const sufferers = sufferersOfGroup(incident, group)
  const counted = failedRuntimeCalls(incident, ref.name)
  const isDown = said.some(({ id, source }) => CLEAR.has(id) && source === 'condition')
  if (!isDown && !counted && node?.ready && new Set(sufferers.map(({ workload }) => keyOf(workload))).size < 2)
    return reject(
      ref,
      `${said[0]?.reason || 'A text'} speaks of its runtime, but the node is ready and no two workloads suffer on it.`,
    )
  return findingOf(incident, group, sufferers, {
    notBefore: groupNotBefore(incident, group),
    kind: 'cause',
    strength: isDown
      ? 'proof'
      : counted || (isOngoing(incident, group) && said.some(({ id }) => CLEAR.has(id)))
        ? 'strong'
        : 'weak',
    says: `The runtime of node ${ref.name} does not work: ${said[0]?.text.slice(0, 200)}; ${counted ? `${counted.says}; ` : ''}${countOrNo(sufferers.length, 'pod')} on it suffer.`,
    beside: counted?.cites,
  })
}

/** Of a runtime that does not answer its kubelet, before anybody said a word. */
function* findUnanswered(incident: Incident, seen: ReadonlySet<string>): Generator<Finding> {
  for (const { node } of incident.counters.nodes) {
    const counted = seen.has(node) ? undefined : failedRuntimeCalls(incident, node)
    if (!counted) continue
    const sick = sufferersOn(incident, node)
    const isFelt = sick.length > 0 || incident.nodeOf(node)?.ready === false
    yield {
      kind: isFelt ? 'cause' : 'risk',
      subject: { kind: 'Node', name: node },
      strength: 'strong',
      from: undefined,
      says: `The runtime of node ${node} does not answer: ${counted.says}; ${countOrNo(sick.length, 'pod')} on it suffer.`,
      cites: atLeastOne(counted.cites),
      affects: sick.map(({ ref }) => ref),
    }
  }
}

function hasUnknownRuntime({ versions, ready }: Node): boolean {
  return !ready && versions.runtime?.toLowerCase().endsWith('://unknown') === true
}

function describeUnknown(incident: Incident, node: Node): Finding {
  return findingOfState(incident, node, conditionOf(node.conditions, 'Ready')?.since, {
    says: `Node ${node.ref.name} is not ready and its runtime does not tell its version (${node.versions.runtime}).`,
    cites: [cite(node, ['status', 'nodeInfo', 'containerRuntimeVersion'])],
  })
}
