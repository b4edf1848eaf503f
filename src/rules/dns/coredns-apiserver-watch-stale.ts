import { atLeastOne } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import type { FailedLookup } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, shorten } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { citeLookups, clientsOf, countClients, dnsWorkload, lookupsOfServices, serverRefs } from './clients.ts'
import { serverSaid } from './server-said.ts'

/** CoreDNS does not hear of Services any more, and answers from what it knew. */
export const corednsApiserverWatchStale: Rule<'coredns-apiserver-watch-stale'> = {
  id: 'coredns-apiserver-watch-stale',
  title: 'CoreDNS does not hear from the API server',
  domain: 'dns',
  needs: ['pods', 'logs'],
  helps: ['clusterrolebindings.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  explains: ['errors', 'crashing', 'not-ready', 'not-starting', 'no-endpoints', 'job-failing', 'rollout-stalled'],
  explain: {
    mechanism:
      'CoreDNS watches Services and EndpointSlices. When it may not list them, or gets no connection to the API server, it goes on with what it knew: old names resolve, new ones do not. One that starts then knows nothing, and is not ready until it does. Behind it is always something else: a role that is gone, the network to the API server, or the API server itself.',
    proof: [
      'The log of CoreDNS says "Failed to watch *v1.Service" or of another kind, or "Still waiting on: kubernetes", until now.',
      'Lookups of Services fail that exist.',
    ],
    lookAlikes: [
      'dns-name-not-found: the Service does not exist.',
      'rbac-forbidden: says which role is missing, and is behind this.',
      'A few such lines after a start, or while the API server was restarted, are nothing.',
    ],
    mitigate: [
      {
        says: 'See what it may, and whom it reaches.',
        command: 'kubectl logs -n kube-system -l k8s-app=kube-dns --tail=50',
        changes: false,
      },
      {
        says: 'When the way is free again, start one server and look whether it gets ready.',
        command: 'kubectl delete pod -n kube-system {name}',
        changes: true,
      },
    ],
    fix: ['Keep the ClusterRole system:coredns with the version of CoreDNS: newer ones need endpointslices.'],
    links: ['https://coredns.io/plugins/kubernetes/'],
  },
  *evaluate(incident) {
    const said = serverSaid(incident, 'coredns-apiserver-watch-stale')
    if (said.length === 0) return
    const suffers = clusterDns(incident).pods.some((pod) => !pod.ready && isSuffering(incident, pod))
    const lookups = lookupsOfServices(incident)
    if (suffers || lookups.length > 0) yield describe(incident, said, lookups)
    else
      yield reject(
        dnsWorkload(incident),
        'It lost the API server for a while; its servers are ready, and no lookup of a Service fails.',
      )
  },
}

function describe(incident: Incident, said: readonly Said[], lookups: readonly FailedLookup[]): Finding {
  return {
    kind: 'mechanism',
    subject: dnsWorkload(incident),
    strength: 'strong',
    from: earliest(said.map(({ first }) => first)),
    says: `CoreDNS does not hear of Services: ${shorten(said[0]?.words ?? '')}. ${count(countClients(lookups), 'workload')} log failing lookups of Services that exist.`,
    cites: atLeastOne([...said.slice(0, 3).map(({ citation }) => citation), ...citeLookups(lookups)]),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
  }
}
