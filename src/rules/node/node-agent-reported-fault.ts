import { cite } from '../../incident/citation.ts'
import type { Condition } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { type MessageId, recognise } from '../../incident/messages/index.ts'
import { MONITORED_CONDITIONS } from '../../incident/messages/node-monitoring-agent.ts'
import type { Node } from '../../incident/node.ts'
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

/** Whatever an agent on a node says of it, for which there is no rule of its own. */
export const nodeAgentReportedFault: Rule<'node-agent-reported-fault'> = {
  id: 'node-agent-reported-fault',
  title: 'An agent on a node reports a fault of it',
  domain: 'node',
  needs: ['nodes'],
  helps: ['events', 'node-logs', 'kernel-log'],
  explains: ['node-unhealthy', 'not-starting', 'not-ready', 'crashing', 'stuck-terminating', 'errors'],
  explain: {
    mechanism:
      'Agents such as the node monitoring agent of EKS and the node problem detector read kernel log, journal and counters of a node, and say in conditions and events what they find. Their conditions differ in what is good: those that end in Ready are well when True, problems and pressures when False.',
    proof: [
      'KernelReady, NetworkingReady, StorageReady, ContainerRuntimeReady or AcceleratedHardwareReady is False; its reason names the fault.',
      'A condition that is named after a problem is True.',
    ],
    lookAlikes: [
      'Most faults have rules of their own: pid-exhaustion, kernel-fault, gpu-hardware-error, block-device-error, cni-ipamd-down and others.',
      'Events such as LargeEnvironment, RapidCron and LivenessProbeFailures occur on healthy nodes.',
    ],
    mitigate: [
      {
        says: 'Keep new pods away, and collect the logs of the node.',
        command: 'kubectl cordon {node}',
        changes: true,
      },
    ],
    fix: ['Follow the reason in the documentation of the agent; replace the node if it is fatal.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/node-health.html'],
  },
  *evaluate(incident) {
    for (const node of incident.nodes)
      for (const condition of node.conditions)
        if (isIll(condition) && !hasOwnRule(condition)) yield describeCondition(incident, node, condition)
    for (const group of groupByNode(incident, ...WITHOUT_RULE)) {
      const said = group.said.filter(({ source }) => source === 'event')
      if (said.length > 0) yield judgeEvents(incident, { ...group, said })
    }
  },
}

/** Of the kubelet; other rules read these. */
const OF_KUBELET = new Set(['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure', 'OutOfDisk'])

/** Names that tell that True is well, and names that tell that it is not; what tells neither is left alone. */
const GOOD = /(?:Ready|Healthy|Available|Synced|Ok|OK)$/
const BAD =
  /(?:Problem|Pressure|Unhealthy|Error|Errors|Failed|Failure|Fault|Deadlock|Hung|Down|Stuck|Unavailable|Corrupt\w*|Readonly\w*|Restart|Restarts|Exhausted|Full)$|^(?:Readonly|Corrupt|Frequent|NetworkUnavailable)/

function isIll({ type, status }: Condition): boolean {
  if (OF_KUBELET.has(type)) return false
  if ((MONITORED_CONDITIONS as readonly string[]).includes(type)) return status === 'False'
  if (GOOD.test(type)) return status === 'False'
  return BAD.test(type) && status === 'True'
}

/** What says that something of the node does not work. */
const FAULTS: readonly MessageId[] = [
  'nma-compressed-memory-scarce',
  'nma-network-policy-agent-not-running',
  'nma-network-policy-agent-restarts',
  'nma-network-policy-recovery',
  'nma-efa-errors',
  'nma-hosts-file-mount',
  'npd-corrupt-docker-overlay',
  'npd-iptables-mixed',
]

/** Signals of agents that no rule of their own reads: faults, and remarks. */
const WITHOUT_RULE: readonly MessageId[] = [
  ...FAULTS,
  'nma-application-crash',
  'nma-large-environment',
  'nma-rapid-cron',
  'nma-runtime-configuration-deprecated',
  'nma-liveness-failures',
  'nma-readiness-failures',
]

function hasOwnRule({ message, reason }: Condition): boolean {
  const ids = recognise(message, reason).map(({ id }) => id)
  return ids.some((id) => /^n[mp][ad]-/.test(id) && !WITHOUT_RULE.includes(id))
}

function describeCondition(
  incident: Incident,
  node: Node,
  { type, status, reason, message, since, path }: Condition,
): Finding {
  const sufferers = sufferersOn(incident, node.ref.name)
  return findingOfState(incident, node, since, {
    says: `An agent on node ${node.ref.name} says ${type}=${status} (${reason}): ${message.slice(0, 200)}; ${countOrNo(sufferers.length, 'pod')} on it suffer.`,
    cites: [cite(node, [...path, message === '' ? 'status' : 'message'])],
  })
}

function judgeEvents(incident: Incident, group: NodeGroup): Finding | Rejection {
  const [first] = group.said
  const isFault = group.said.some(({ id }) => FAULTS.includes(id))
  const sufferers = isFault ? sufferersOfGroup(incident, group) : []
  if (!isOngoing(incident, group))
    return reject(group.ref, `Its agent said ${first?.reason} within the hour, and no longer.`)
  return findingOf(incident, group, sufferers, {
    notBefore: groupNotBefore(incident, group),
    kind: sufferers.length > 0 ? 'cause' : 'risk',
    strength: 'weak',
    says: `An agent on node ${group.ref.name} says ${first?.reason}: ${first?.text.slice(0, 200)}.`,
  })
}
