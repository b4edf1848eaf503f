import { atLeastOne, type Citation, citeLine } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { readDnsName } from '../../incident/dns-name.ts'
import type { Incident } from '../../incident/incident.ts'
import { is } from '../../incident/messages/index.ts'
import { describeRef } from '../../incident/reference.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { dnsWorkload } from './clients.ts'

/** Each lookup of an external host becomes several questions, because pods try their search path first. */
export const ndotsAmplification: Rule<'ndots-amplification'> = {
  id: 'ndots-amplification',
  title: 'The search path of pods multiplies lookups (ndots)',
  domain: 'dns',
  seeds: ['KIA 3.3.5'],
  needs: ['pods', 'logs'],
  helps: ['coredns-metrics'],
  explains: ['slow', 'errors'],
  explain: {
    mechanism:
      'With ndots 5, the default of pods, a host such as api.example.com is first tried with each suffix of the search path, for IPv4 and IPv6. Four of five questions are answered with NXDOMAIN. It breaks nothing by itself, and brings name servers and resolvers to their limits sooner.',
    proof: [
      'CoreDNS logs its queries (plugin log), and more than half of the last of them are NXDOMAIN for a host with a suffix of the search path behind it.',
      'More than half of the answers in coredns_dns_responses_total are NXDOMAIN, for names that end in the domain of the cluster.',
    ],
    lookAlikes: ['dns-name-not-found: one name is asked for again and again that does not exist.'],
    mitigate: [
      {
        says: 'Let the loudest workload use ndots 2 (dnsConfig.options).',
        command: 'kubectl edit deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Write external hosts with a dot at the end, or set dnsConfig ndots 1 or 2; use NodeLocal DNSCache.'],
    links: ['https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config'],
  },
  *evaluate(incident) {
    const queries = queriesOf(incident)
    const { pods } = clusterDns(incident)
    const wasted = queries.filter((one) => isWasted(incident, one))
    if (pods.length === 0) return
    if (queries.length < ENOUGH)
      yield reject(
        dnsWorkload(incident),
        'How many lookups are in vain is not known: CoreDNS logs no queries (plugin log), and its counters (coredns_dns_responses_total) are not in the bundle.',
      )
    else if (2 * wasted.length > queries.length) yield describe(incident, queries, wasted)
    else yield reject(dnsWorkload(incident), 'Most of the last questions to it are not made by search paths.')
  },
}

/** So many questions are no chance; of a log its last 20 lines are known. */
const ENOUGH = 20

/** A question that the log of CoreDNS tells of, with what it answered. */
interface Query {
  readonly name: string
  readonly client: string
  readonly code: string
  readonly citation: Citation
}

function queriesOf(incident: Incident): readonly Query[] {
  return clusterDns(incident).pods.flatMap(({ ref }) =>
    incident.logsOf(ref).flatMap(({ summary }) =>
      summary.tail.flatMap((line) => {
        const { name = '', client = '', code = '' } = is(line.text, 'coredns-query')?.values ?? {}
        return name === '' ? [] : [{ name, client, code, citation: citeLine(summary.path, line.line, line.text) }]
      }),
    ),
  )
}

/** What the search path of a pod puts behind a name, longest first. */
const SUFFIX = /(?:\.[a-z0-9-]+\.svc|\.svc)?\.cluster\.local$/i

/** Whether it is a host with dots of its own and a suffix behind it, which nobody has: `api.example.com.shop.svc.cluster.local.` */
function isWasted(incident: Incident, { name, code }: Query): boolean {
  const full = name.replace(/\.$/, '')
  const host = full.replace(SUFFIX, '')
  return code === 'NXDOMAIN' && host !== full && host.includes('.') && !readDnsName(incident, full, '').found
}

function describe(incident: Incident, queries: readonly Query[], wasted: readonly Query[]): Finding {
  const [[client = '', asked = []] = []] = [...Map.groupBy(wasted, (one) => one.client)].sort(
    ([, a], [, b]) => b.length - a.length,
  )
  const loudest = incident.pods.find(({ ip }) => ip === client)?.workload
  return {
    kind: 'amplifier',
    subject: dnsWorkload(incident),
    strength: 'strong',
    from: undefined,
    says: `${wasted.length} of the last ${queries.length} questions to CoreDNS are hosts with a suffix of the search path behind them, which do not exist${loudest ? `; ${asked.length} of them come from ${describeRef(loudest)}` : ''}.`,
    cites: atLeastOne(wasted.slice(0, 3).map(({ citation }) => citation)),
    affects: loudest ? [loudest] : [],
  }
}
