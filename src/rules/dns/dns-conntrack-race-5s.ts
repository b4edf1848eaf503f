import { atLeastOne } from '../../incident/citation.ts'
import type { FailedLookup } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { MANY_LINES } from '../outbreak.ts'
import { type Claim, type Finding, type Rule, reject } from '../rule.ts'
import { citeLookups, clientsOf, countClients, dnsWorkload, lookupsInVain } from './clients.ts'
import { isDnsDown, serverSaid } from './server-said.ts'
import { isLossy, type LossyNode, translatedLookups } from './translated-lookups.ts'

/** A packet of a lookup is lost in the kernel, and the client waits five seconds for its timeout. */
export const dnsConntrackRace5s: Rule<'dns-conntrack-race-5s'> = {
  id: 'dns-conntrack-race-5s',
  title: 'Lookups take five seconds now and then (conntrack race)',
  domain: 'dns',
  needs: ['conntrack'],
  helps: ['logs', 'services'],
  explains: ['slow', 'errors'],
  explain: {
    mechanism:
      'glibc asks for IPv4 and IPv6 at once from one port. Where a Service address is translated, both packets may want to enter the connection table at the same moment; one of them is dropped, and the client asks again after five seconds.',
    proof: [
      'insert_failed in /proc/net/stat/nf_conntrack grows while lookups over UDP take 5 or 10 seconds, or end without an answer, and only on such nodes.',
      'It cannot be proved by that alone: other connections whose addresses are translated are counted there too. Kernels before 5.10 count also packets that were not lost; drop grows with those that were.',
    ],
    lookAlikes: [
      'coredns-overloaded, vpc-resolver-pps-limit: lookups take any time, or fail.',
      'conntrack-table-full: new connections of all kinds are dropped.',
    ],
    mitigate: [
      {
        says: 'Let the workload ask one after the other (dnsConfig options single-request-reopen, or use-vc).',
        command: 'kubectl edit deployment/CLIENT -n NAMESPACE',
        changes: true,
      },
    ],
    fix: ['Use NodeLocal DNSCache, which needs no translation on the node.'],
    links: ['https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/'],
  },
  *evaluate(incident) {
    const lossy = incident.connections.nodes
      .flatMap(({ node }) => translatedLookups(incident, node) ?? [])
      .filter(isLossy)
    if (lossy.length === 0 || isDnsDown(incident)) return
    const lookups = lookupsInVain(incident).filter(({ how }) => how === 'unanswered')
    const why = otherReason(incident, lossy, lookups)
    if (why === undefined) yield describe(incident, lossy, lookups)
    else yield reject(dnsWorkload(incident), `${tellLoss(lossy)}, but ${why}.`)
  },
}

/** Why lookups on nodes that lose packets end, or do not end, for another reason. */
function otherReason(
  incident: Incident,
  lossy: readonly LossyNode[],
  lookups: readonly FailedLookup[],
): string | undefined {
  if (lookups.length === 0) return 'no lookup is known to wait for its answer'
  if (serverSaid(incident, 'coredns-overloaded', 'coredns-overloaded-health', 'coredns-upstream-timeout').length > 0)
    return 'the name servers say themselves that they answer late'
  const places = lookups.flatMap(({ pod }) => pod?.node ?? [])
  const isHere = places.some((node) => lossy.some((one) => one.node === node))
  if (!isHere) return 'the lookups without an answer are of other nodes'
  const other = places.find((node) => {
    const asked = translatedLookups(incident, node)
    return asked !== undefined && !isLossy(asked)
  })
  return other === undefined ? undefined : `lookups of ${other}, which loses none, get no answer either`
}

function describe(incident: Incident, lossy: readonly LossyNode[], lookups: readonly FailedLookup[]): Finding {
  const well = lossy.filter(({ node }) => !lookups.some(({ pod }) => pod?.node === node))
  const suffering = lossy.filter((one) => !well.includes(one))
  const against = well.slice(0, 1).map((one) => againstOf(one))
  // A pod that cannot start for want of a name never gets an answer; a race takes one now and then, again and again.
  const isNowAndThen = lookups.every(({ pod }) => pod?.ready === true)
  const isOften = lookups.reduce((sum, one) => sum + one.count, 0) >= MANY_LINES
  return {
    kind: 'cause',
    subject: dnsWorkload(incident),
    strength: isNowAndThen && isOften && against.length === 0 ? 'strong' : 'weak',
    from: earliest(lookups.map(({ first }) => first)),
    says: `${tellLoss(suffering)}, and lookups of ${count(countClients(lookups), 'workload')} there wait in vain: lookups that begin at the same moment may be taken for one.`,
    cites: atLeastOne([...suffering.flatMap(({ cites }) => cites).slice(0, 3), ...citeLookups(lookups)]),
    against,
    missing: ['how long lookups take'],
    affects: uniqueRefs([
      ...clientsOf(incident, lookups),
      ...suffering.map(({ node }) => ({ kind: 'Node', name: node })),
    ]),
  }
}

function againstOf(one: LossyNode): Claim {
  return { says: `${tellLoss([one])} as well, and no lookup there is known to wait.`, cites: atLeastOne(one.cites) }
}

function tellLoss(nodes: readonly LossyNode[]): string {
  const lost = nodes.reduce((sum, one) => sum + one.lost, 0)
  const names = tellNames(nodes.map(({ node }) => node))
  return `${names} lost ${count(lost, 'packet')} within ${nodes[0]?.seconds} s because another was taken for the same connection`
}
