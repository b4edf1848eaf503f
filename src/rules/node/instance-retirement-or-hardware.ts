import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Said } from '../../incident/statement.ts'
import { findingOf, type NodeGroup } from '../group-by-node.ts'
import type { Finding, Rule } from '../rule.ts'
import { groupByMachine, victimsOf } from './once-on.ts'

/** A machine that the cloud stops, retires, or says to be unhealthy. */
export const instanceRetirementOrHardware: Rule<'instance-retirement-or-hardware'> = {
  id: 'instance-retirement-or-hardware',
  title: 'The machine of a node is stopped, retired or unhealthy',
  domain: 'node',
  needs: ['events'],
  helps: ['nodes', 'aws-ec2', 'aws-health'],
  explains: [
    'node-unhealthy',
    'not-ready',
    'evicted',
    'unscheduled',
    'no-endpoints',
    'stuck-terminating',
    'volume-failing',
    'errors',
  ],
  explain: {
    mechanism:
      'The host of a machine fails, or the cloud has planned to stop, reboot or retire it, or somebody stopped it. The node goes, with or without warning, and with it what runs there.',
    proof: [
      'Event ScheduledEvent or StateChange of the termination handler; InstanceStopping, InstanceTerminating or InstanceUnhealthy of Karpenter; NodeShutdown of the cloud’s controller.',
      '`aws ec2 describe-instance-status`: events, SystemStatus impaired.',
    ],
    lookAlikes: [
      'spot-interruption: the event names spot.',
      'autorepair-replaced-node: the cluster itself replaced it.',
      'InstanceStatus impaired alone is of the operating system.',
    ],
    mitigate: [
      {
        says: 'Empty the node before the date.',
        command: 'kubectl drain {node} --ignore-daemonsets --delete-emptydir-data',
        changes: true,
      },
    ],
    fix: ['Listen to these events with a termination handler or Karpenter’s queue.'],
    links: ['https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instances-status-check_sched.html'],
  },
  *evaluate(incident) {
    for (const group of groupByMachine(incident, ...SAID)) {
      const said = group.said.filter(isOfMachine)
      if (said.length > 0) yield describe(incident, { ...group, said })
    }
  },
}

const SAID = [
  'instance-retirement',
  'instance-state-change',
  'karpenter-machine-interrupted',
  'node-shutting-down',
  'instance-server-error',
  'vm-event-scheduled',
] as const

/** Events of machines at Azure that end or restart them; `Preempt` takes a spot machine back. */
const ENDING: readonly string[] = ['Reboot', 'Redeploy', 'Terminate']

function isOfMachine({ id, about, values }: Said): boolean {
  if (id === 'vm-event-scheduled') return ENDING.includes(values.kind ?? '')
  return id !== 'instance-server-error' || about.kind === 'Node' || about.kind === 'NodeClaim'
}

function describe(incident: Incident, group: NodeGroup): Finding {
  const affects = victimsOf(incident, group.ref.name)
  const isGone = group.node === undefined || conditionOf(group.node.conditions, 'Ready')?.status !== 'True'
  return findingOf(incident, group, [], {
    kind: affects.length > 0 && isGone ? 'cause' : 'risk',
    strength: 'strong',
    says: `The machine of node ${group.ref.name}${isGone ? ' is gone or not ready' : ' is to go'}: ${group.said[0]?.text.slice(0, 200)}.`,
    affects,
  })
}
