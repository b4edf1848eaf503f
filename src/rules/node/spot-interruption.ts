import type { Incident } from '../../incident/incident.ts'
import type { Said } from '../../incident/statement.ts'
import { findingOf, type NodeGroup } from '../group-by-node.ts'
import { groupNotBefore } from '../not-before.ts'
import type { Finding, Rule } from '../rule.ts'
import { groupByMachine, victimsOf } from './once-on.ts'

/** A spot machine that the cloud took back. */
export const spotInterruption: Rule<'spot-interruption'> = {
  id: 'spot-interruption',
  title: 'The cloud takes a spot machine back',
  domain: 'node',
  needs: ['events'],
  helps: ['nodes', 'aws-ec2', 'aws-cloudtrail'],
  explains: [
    'node-unhealthy',
    'evicted',
    'not-ready',
    'unscheduled',
    'no-endpoints',
    'errors',
    'stuck-terminating',
    'job-failing',
  ],
  explain: {
    mechanism:
      'Spot machines are lent: the cloud takes one back two minutes after it says so. What runs there has to move in that time, whatever budgets protect it; what does not end gracefully drops its requests, and what finds no other node waits.',
    proof: [
      'Event SpotInterrupted or TerminatingOnInterruption of Karpenter, SpotInterruption of the termination handler.',
      'EC2 state reason Server.SpotInstanceTermination.',
    ],
    lookAlikes: [
      'An instance that ends without such a word: scale-in, a repair or a person.',
      'node-notready-kubelet-silent: nobody took the machine.',
    ],
    mitigate: [{ says: 'Let what must not stop run on machines that are not lent.', changes: true }],
    fix: ['Many types and zones of spot machines; short and graceful ends of pods; two replicas on different nodes.'],
    links: ['https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html'],
  },
  *evaluate(incident) {
    for (const group of groupByMachine(incident, ...SAID)) {
      const said = group.said.filter(isOfSpot)
      if (said.length > 0) yield describe(incident, { ...group, said })
    }
  },
}

const SAID = ['spot-interruption', 'karpenter-spot-interrupted', 'spot-termination', 'vm-event-scheduled'] as const

function isOfSpot({ id, values }: Said): boolean {
  return id !== 'vm-event-scheduled' || values.kind === 'Preempt'
}

function describe(incident: Incident, group: NodeGroup): Finding {
  const affects = victimsOf(incident, group.ref.name)
  return findingOf(incident, group, [], {
    notBefore: groupNotBefore(incident, group),
    kind: affects.length > 0 ? 'cause' : 'risk',
    strength: 'proof',
    says: `The cloud takes the spot machine ${group.ref.name} back${group.node ? '' : ', and its node is gone'}; ${affects.length === 0 ? 'nothing lacks it' : `${affects.length} pods and workloads lack it`}: ${group.said[0]?.text.slice(0, 160)}.`,
    affects,
  })
}
