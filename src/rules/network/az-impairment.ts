import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node } from '../../incident/node.ts'
import { isHealthy, type Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sharedTraits } from '../../incident/shared-trait.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isStuck } from './network-sufferers.ts'

/** This share of what fails is in the zone (failures.md §2.E, az-impairment). */
const SHARE = 0.8

/** Fewer nodes than these are a fault of machines, not of a zone. */
const FEWEST_NODES = 2

/** What is wrong is wrong in one zone, with machines of more than one kind. */
export const azImpairment: Rule<'az-impairment'> = {
  id: 'az-impairment',
  title: 'What fails is in one availability zone',
  domain: 'network',
  seeds: ['KIA 2.10.2', 'KIA 9'],
  needs: ['nodes', 'pods'],
  helps: ['events', 'aws-health', 'aws-ec2', 'aws-elb'],
  explains: [
    'node-unhealthy',
    'not-ready',
    'errors',
    'slow',
    'volume-failing',
    'no-endpoints',
    'unscheduled',
    'evicted',
  ],
  explain: {
    mechanism:
      'A zone loses power, network or one of its services. Its nodes stop answering or its pods cannot reach the others; with three zones about a third of all requests fails. Volumes of the zone cannot be attached elsewhere, so their pods wait.',
    proof: [
      'At least four fifths of failing pods or nodes are in one topology.kubernetes.io/zone, over several nodes, while other zones are well.',
      'The AWS Health dashboard, or the status page of the cloud, tells of that zone.',
    ],
    lookAlikes: [
      'node-image-regression: the nodes have one group or image in common, and the zone only because of it.',
      'security-group-or-nacl-block: a rule of one subnet, which is in one zone.',
    ],
    mitigate: [
      { says: 'Shift traffic away from the zone (zonal shift of the load balancer).', changes: true },
      {
        says: 'Take no new pods there.',
        command: 'kubectl cordon -l topology.kubernetes.io/zone={name}',
        changes: true,
      },
    ],
    fix: ['Spread replicas over zones, with room in the others for what one of them carries.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/zone-shift.html'],
  },
  *evaluate(incident) {
    const zones = new Set(incident.nodes.map(({ zone }) => zone).filter((zone) => zone !== ''))
    if (zones.size < 2) return
    for (const zone of [...zones].sort()) {
      const down = downIn(incident, zone)
      if (down) yield* tell(incident, zone, down)
    }
  },
}

interface Down {
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
  readonly isWhole: boolean
}

/** Unready nodes, or failing pods on several nodes, of which nearly all are in this zone; nothing where the zone is not set apart. */
function downIn(incident: Incident, zone: string): Down | undefined {
  const inZone = incident.nodes.filter((node) => node.zone === zone)
  const unready = incident.nodes.filter(({ ready }) => !ready)
  const nodes = unready.filter((node) => node.zone === zone)
  if (nodes.length >= FEWEST_NODES && nodes.length >= SHARE * unready.length && nodes.length >= SHARE * inZone.length)
    return { nodes, pods: nodes.flatMap(({ ref }) => incident.podsOn(ref.name)), isWhole: true }
  const pods = failingIn(incident, zone)
  return pods && { nodes: inZone.filter(({ ref }) => pods.some((pod) => pod.node === ref.name)), pods, isWhole: false }
}

function failingIn(incident: Incident, zone: string): readonly Pod[] | undefined {
  const placed = incident.pods.filter(({ node }) => node !== '')
  const failing = placed.filter((pod) => isStuck(incident, pod))
  const trait = sharedTraits(incident, failing, placed.filter(isHealthy)).find(
    (one) => one.trait === 'zone' && one.value === zone && one.failingWith >= SHARE * one.failing,
  )
  if (!trait) return undefined
  const pods = failing.filter((pod) => incident.nodeOf(pod.node)?.zone === zone)
  const isSpread = new Set(pods.map(({ node }) => node)).size >= FEWEST_NODES
  const isMixed = new Set(pods.map(({ workload }) => keyOf(workload))).size >= 2
  return isSpread && isMixed ? pods : undefined
}

function* tell(incident: Incident, zone: string, down: Down): Generator<Finding | Rejection> {
  const subject: Ref = { kind: 'Zone', name: zone }
  const group = onlyGroupOf(incident, down.nodes)
  if (group !== undefined)
    return yield reject(
      subject,
      `All its failing nodes are of the group ${group}, which has none elsewhere: the group may be at fault.`,
    )
  const conditions = down.nodes.map((node) => conditionOf(node.conditions, 'Ready'))
  yield {
    kind: 'cause',
    subject,
    strength: down.isWhole ? 'strong' : 'weak',
    from: earliest(
      down.isWhole
        ? conditions.map((one) => one?.since)
        : down.pods.map((pod) => conditionOf(pod.conditions, 'Ready')?.since),
    ),
    says: down.isWhole
      ? `${count(down.nodes.length, 'node')} of the zone ${zone} are not ready, and those of other zones are.`
      : `${count(down.pods.length, 'failing pod')} on ${count(down.nodes.length, 'node')} are in the zone ${zone}, and hardly any elsewhere.`,
    cites: atLeastOne(down.nodes.slice(0, 3).flatMap(citeZone)),
    affects: uniqueRefs([...down.nodes.map(({ ref }) => ref), ...sufferersOf(incident, down.pods)]),
    missing: ['what the cloud says of the zone (aws-health)'],
  }
}

/** A group whose nodes are all in this zone cannot be told from the zone. */
function onlyGroupOf({ nodes }: Incident, failing: readonly Node[]): string | undefined {
  const groups = new Set(failing.map(({ group }) => group))
  const [group = ''] = groups
  const zones = new Set(nodes.filter((node) => node.group === group).map(({ zone }) => zone))
  return groups.size === 1 && group !== '' && zones.size === 1 ? group : undefined
}

function citeZone(node: Node): Citation[] {
  const ready = conditionOf(node.conditions, 'Ready')
  return ready ? [cite(node, [...ready.path, 'status'], ready.status)] : [cite(node, ['metadata', 'labels'], node.zone)]
}
