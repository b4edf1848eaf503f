import type { Rule } from '../rule.ts'

/** A packet of a lookup is lost in the kernel, and the client waits five seconds for its timeout. */
export const dnsConntrackRace5s: Rule<'dns-conntrack-race-5s'> = {
  id: 'dns-conntrack-race-5s',
  title: 'Lookups take five seconds now and then (conntrack race)',
  domain: 'dns',
  needs: ['conntrack'],
  explains: ['slow'],
  explain: {
    mechanism:
      'glibc asks for IPv4 and IPv6 at once from one port. Where a Service address is translated, both packets may want to enter the connection table at the same moment; one of them is dropped, and the client asks again after five seconds.',
    proof: ['insert_failed in /proc/net/stat/nf_conntrack grows while lookups over UDP take 5 or 10 seconds.'],
    lookAlikes: [
      'coredns-overloaded, vpc-resolver-pps-limit: lookups take any time, or fail.',
      'conntrack-table-full: new connections of all kinds are dropped.',
    ],
    mitigate: [
      {
        says: 'Let the workload ask one after the other (dnsConfig options single-request-reopen, or use-vc).',
        command: 'kubectl edit deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Use NodeLocal DNSCache, which needs no translation on the node.'],
    links: ['https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/'],
  },
  // Durations of lookups are in no object and no event; the counters of the kernel decide.
  *evaluate() {},
}
