import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { CLUSTER } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Nodes that come and go every few minutes. */
export const caOrKarpenterThrash: Rule<'ca-or-karpenter-thrash'> = {
  id: 'ca-or-karpenter-thrash',
  title: 'Nodes come and go every few minutes',
  domain: 'autoscaling',
  seeds: ['KIA 11.1.2'],
  needs: ['events', 'nodes'],
  explains: ['slow', 'evicted', 'warnings'],
  explain: {
    mechanism:
      'Something makes pods appear and vanish, a readiness probe that flaps, requests that an autoscaler changes, and nodes are ordered and removed after it. Images are pulled again and again, addresses churn, and connections break.',
    proof: [
      'Scale-ups and scale-downs alternate within the hour, and several nodes are younger than a quarter of an hour.',
    ],
    lookAlikes: [
      'Waves of batch jobs.',
      'spot-interruption: the cloud takes the nodes.',
      'An upgrade: old nodes go for good, and none of the new ones does.',
    ],
    mitigate: [
      {
        says: 'Lengthen the delay before nodes are removed, and look for what makes the pods come and go.',
        changes: true,
      },
    ],
    fix: ['Mend the probe or the requests; set consolidateAfter or scale-down-unneeded-time to ten minutes and more.'],
  },
  *evaluate(incident) {
    const up = current(incident, incident.said('ca-triggered-scale-up', 'ca-scaled-up', 'node-registered'))
    const down = current(
      incident,
      incident.said('ca-scale-down', 'ca-scale-down-signalled', 'karpenter-disruption-terminating', 'node-removed'),
    )
    if (up.length >= LEAST && down.length >= LEAST) yield judge(incident, up, down)
  },
}

/** So many ups and downs within the hour are more than a change of load (judgement). */
const LEAST = 3

const YOUNG = 15 * 60 * 1000

function current(incident: Incident, said: readonly Said[]): readonly Said[] {
  return said.filter((one) => isCurrent(incident, one))
}

/** Whether the nodes that went are others than those that came, where it is told which came. */
function isReplacement(up: readonly Said[], down: readonly Said[]): boolean {
  const came = new Set(up.filter(({ about }) => about.kind === 'Node').map(({ about }) => about.name))
  return came.size > 0 && !down.some(({ about }) => about.kind === 'Node' && came.has(about.name))
}

function judge(incident: Incident, up: readonly Said[], down: readonly Said[]): Finding | ReturnType<typeof reject> {
  const young = incident.nodes.filter(({ created }) => created !== undefined && incident.now - created < YOUNG)
  if (young.length < 2) return reject(CLUSTER, 'Nodes came and went, but few are young now.')
  if (isReplacement(up, down)) return reject(CLUSTER, 'No node that came has gone again: old ones are replaced.')
  return {
    kind: 'cause',
    subject: CLUSTER,
    strength: 'weak',
    from: earliest([...up, ...down].map(({ first }) => first)),
    says: `Within the hour nodes were added ${count(up.length, 'time')} and removed ${count(down.length, 'time')}; ${count(young.length, 'node')} are younger than 15 minutes.`,
    cites: atLeastOne([...up.slice(-2), ...down.slice(-2)].map(({ citation }) => citation)),
    affects: young.map(({ ref }) => ref),
  }
}
