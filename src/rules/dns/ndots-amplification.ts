import type { Rule } from '../rule.ts'

/** Each lookup of an external host becomes several questions, because pods try their search path first. */
export const ndotsAmplification: Rule<'ndots-amplification'> = {
  id: 'ndots-amplification',
  title: 'The search path of pods multiplies lookups (ndots)',
  domain: 'dns',
  seeds: ['KIA 3.3.5'],
  needs: ['coredns-metrics'],
  explains: ['slow', 'errors'],
  explain: {
    mechanism:
      'With ndots 5, the default of pods, a host such as api.example.com is first tried with each suffix of the search path, for IPv4 and IPv6. Four of five questions are answered with NXDOMAIN. It breaks nothing by itself, and brings name servers and resolvers to their limits sooner.',
    proof: [
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
  // Only the counters of CoreDNS tell how many answers are NXDOMAIN: every pod has ndots 5.
  *evaluate() {},
}
