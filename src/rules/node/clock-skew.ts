import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest } from '../../incident/telling.ts'
import { findingOf, groupByNode } from '../group-by-node.ts'
import { MANY_LINES } from '../outbreak.ts'
import { isCurrent } from '../recency.ts'
import type { Finding, Rule } from '../rule.ts'
import { sufferersOn } from '../suffering.ts'
import { timesOf } from '../times-of.ts'

/** A node whose clock is wrong, so that what is signed or issued there counts as expired, or not yet valid. */
export const clockSkew: Rule<'clock-skew'> = {
  id: 'clock-skew',
  title: 'The clock of a node is wrong',
  domain: 'node',
  needs: ['nodes'],
  helps: ['leases.coordination.k8s.io', 'logs', 'events', 'node-logs'],
  explains: ['errors', 'crashing', 'not-ready', 'node-unhealthy', 'not-starting', 'volume-failing'],
  explain: {
    mechanism:
      'Signatures, tokens and certificates hold for a span of time. A node whose clock is minutes off is refused by whatever checks them: AWS, the API server, TLS. Only what runs on that node fails.',
    proof: [
      'The kubelet writes the time of its own clock into its lease, the API server its own beside it: they differ.',
      '`Signature expired`, `token used before issued`, `certificate is not yet valid`, from pods of one node only; ClockUnsynchronized of the node agent.',
    ],
    lookAlikes: [
      'cert-expired, irsa-denied: every node is refused.',
      'vpc-resolver-pps-limit: the same limit cuts off the time service.',
    ],
    mitigate: [
      {
        says: 'Restart the time service of the node, or replace the node.',
        command: 'kubectl cordon {node}',
        changes: true,
      },
    ],
    fix: ['Run chrony against 169.254.169.123 and alert on its offset.'],
    links: ['https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html'],
  },
  *evaluate(incident) {
    const offNodes = [...incident.clocks.offsets].filter(([, offset]) => Math.abs(offset) >= TOO_FAR)
    for (const [name, offset] of offNodes) yield describeOffset(incident, name, offset)
    const known = new Set(offNodes.map(([name]) => name))
    const refusals = refusalsByNode(incident)
    for (const group of groupByNode(incident, 'nma-clock-unsynchronized', 'npd-clock-unsynchronized'))
      if (!known.has(group.ref.name)) yield describeUnsynchronized(incident, group, refusals.get(group.ref.name) ?? [])
    const [only] = [...refusals].filter(([name]) => !known.has(name))
    if (only && refusals.size === 1 && incident.nodes.length > 1) yield describeRefusals(incident, only[0], only[1])
  },
}

/** From here on signatures fail before long: AWS allows five minutes, many tokens none; leases are written within seconds. */
const TOO_FAR = 30 * 1000

function describeOffset(incident: Incident, name: string, offset: number): Finding {
  const lease = incident.find('Lease', 'kube-node-lease', name)
  const refused = refusalsByNode(incident).get(name) ?? []
  const place = lease ?? incident.nodeOf(name)
  return {
    kind: refused.length > 0 ? 'cause' : 'risk',
    subject: { kind: 'Node', name },
    strength: refused.length > 0 ? 'proof' : 'strong',
    from: earliest(refused.map(({ first }) => first)),
    says: `The clock of node ${name} is ${Math.round(Math.abs(offset) / 1000)} s ${offset > 0 ? 'ahead' : 'behind'}${refused.length > 0 ? ', and what runs there is refused for it' : ''}.`,
    cites: atLeastOne([
      ...(place ? [cite(place, ['spec', 'renewTime'])] : []),
      ...refused.slice(0, 2).map(({ citation }) => citation),
    ]),
    affects: refsOf(refused),
  }
}

function describeUnsynchronized(
  incident: Incident,
  group: Parameters<typeof findingOf>[1],
  refused: readonly Said[],
): Finding {
  return findingOf(
    incident,
    { ...group, said: [...group.said, ...refused] },
    refused.length > 0 ? sufferersOn(incident, group.ref.name) : [],
    {
      kind: refused.length > 0 ? 'cause' : 'risk',
      strength: 'strong',
      says: `Nothing sets the clock of node ${group.ref.name}${refused.length > 0 ? `, and what runs there is refused for it: ${refused[0]?.words}` : ''}.`,
    },
  )
}

/** Refusals for their time from one node of several: two programs there, or one that is well elsewhere, say that it is the node. */
function describeRefusals(incident: Incident, name: string, said: readonly Said[]): Finding {
  const lines = timesOf(said)
  return findingOf(incident, { ref: { kind: 'Node', name }, said }, [], {
    kind: 'cause',
    strength: lines >= MANY_LINES && isOfTheNode(incident, name, said) ? 'strong' : 'weak',
    says: `Only what runs on node ${name} is refused for its time: ${said[0]?.words}.`,
    missing: ['The clock of the node.'],
    affects: refsOf(said),
  })
}

function isOfTheNode(incident: Incident, name: string, said: readonly Said[]): boolean {
  const workloads = uniqueRefs(said.map(({ about }) => incident.topOf(about)))
  if (workloads.length > 1) return true
  const pods = workloads.flatMap((ref) => incident.workloadOf(ref)?.pods ?? [])
  return pods.some((pod) => pod.node !== name && pod.ready && incident.logsOf(pod.ref).length > 0)
}

function refusalsByNode(incident: Incident): ReadonlyMap<string, readonly Said[]> {
  const said = incident.said('signature-clock-skew', 'cert-not-yet-valid').filter((one) => isCurrent(incident, one))
  const byNode = Map.groupBy(said, ({ about }) => incident.podOf(about)?.node ?? '')
  byNode.delete('')
  return byNode
}

function refsOf(said: readonly Said[]): readonly Ref[] {
  return [...new Map(said.map(({ about: { container: _, ...ref } }) => [keyOf(ref), ref as Ref])).values()]
}
