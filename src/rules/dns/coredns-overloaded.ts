import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import type { FailedLookup } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { isRecent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { citeLookups, clientsOf, countClients, dnsWorkload, lookupsInVain, serverRefs } from './clients.ts'
import { isDnsDown, serverSaid } from './server-said.ts'

/** Name servers that run and have more questions than they can answer. */
export const corednsOverloaded: Rule<'coredns-overloaded'> = {
  id: 'coredns-overloaded',
  title: 'CoreDNS has more questions than it can answer',
  domain: 'dns',
  seeds: ['KIA 3.3.1'],
  needs: ['pods'],
  helps: ['logs', 'coredns-metrics', 'cadvisor'],
  explains: ['errors', 'crashing', 'not-ready', 'not-starting', 'no-endpoints', 'slow', 'job-failing'],
  explain: {
    mechanism:
      'Each name that a pod asks for becomes several questions, and clients repeat what is not answered in time. When the few name servers run into their CPU or memory limit, or into the number of questions that may be open at the upstream, answers come late or not at all, clients ask again, and the load grows by itself.',
    proof: [
      'The log of CoreDNS says "concurrent queries exceeded maximum".',
      'Name servers were killed for want of memory while clients log timeouts of lookups.',
    ],
    lookAlikes: [
      'coredns-down-or-unschedulable: no name server is ready.',
      'vpc-resolver-pps-limit, dns-conntrack-race-5s: CoreDNS is idle while clients wait.',
      'coredns-upstream-timeout: only names outside fail.',
    ],
    mitigate: [
      {
        says: 'Run more name servers, on nodes of their own.',
        command: 'kubectl scale deployment/coredns -n kube-system --replicas=4',
        changes: true,
      },
      { says: 'See what they use.', command: 'kubectl top pods -n kube-system -l k8s-app=kube-dns', changes: false },
    ],
    fix: ['Use NodeLocal DNSCache and the DNS autoscaler, and let programs with many external hosts use ndots 1 or 2.'],
    links: [
      'https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/',
      'https://kubernetes.io/docs/tasks/administer-cluster/dns-horizontal-autoscaling/',
    ],
  },
  *evaluate(incident) {
    if (isDnsDown(incident)) return
    const said = serverSaid(incident, 'coredns-overloaded')
    const slow = serverSaid(incident, 'coredns-overloaded-health')
    const killed = clusterDns(incident).pods.flatMap((pod) => killsOf(incident, pod))
    const lookups = lookupsInVain(incident).filter(({ how }) => how !== 'absent')
    if (said.length > 0 || (lookups.length > 0 && (killed.length > 0 || slow.length > 0)))
      yield describe(incident, [...said, ...slow], killed, lookups)
    else if (killed.length > 0 || slow.length > 0)
      yield reject(
        dnsWorkload(incident),
        'A name server ran out of memory or was slow, but no program is seen to suffer from it.',
      )
  },
}

interface Kill {
  readonly at: number | undefined
  readonly citation: Citation
}

/** Ends for want of memory within the hour. */
function killsOf(incident: Incident, pod: Pod): readonly Kill[] {
  return pod.containers.flatMap(({ last, statusPath }) =>
    last?.reason === 'OOMKilled' && statusPath && isRecent(incident, last.finished)
      ? [{ at: last.finished, citation: cite(pod, [...statusPath, 'lastState', 'terminated', 'reason']) }]
      : [],
  )
}

function describe(
  incident: Incident,
  said: readonly Said[],
  killed: readonly Kill[],
  lookups: readonly FailedLookup[],
): Finding {
  const isSaid = said.some(({ id }) => id === 'coredns-overloaded')
  const how = isSaid
    ? 'it has as many questions open as it may'
    : killed.length > 0
      ? 'its memory does not suffice'
      : 'it does not answer its own health check in time'
  return {
    kind: 'cause',
    subject: dnsWorkload(incident),
    strength: isSaid && lookups.length > 0 ? 'proof' : isSaid || killed.length > 0 ? 'strong' : 'weak',
    from: earliest([...said.map(({ first }) => first), ...killed.map(({ at }) => at)]),
    says: `CoreDNS is overloaded: ${how}. ${count(countClients(lookups), 'workload')} log lookups without an answer.`,
    cites: atLeastOne(
      [...said.slice(0, 2), ...killed.slice(0, 2)].map(({ citation }) => citation).concat(citeLookups(lookups)),
    ),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
  }
}
