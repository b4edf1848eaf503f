import { atLeastOne } from '../../incident/citation.ts'
import type { FailedLookup } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { type Finding, type Rule, reject, UNANSWERED } from '../rule.ts'
import {
  citeLookups,
  clientsOf,
  countClients,
  dnsWorkload,
  lookupsOfServices,
  lookupsOutside,
  serverRefs,
} from './clients.ts'
import { type CountedByServers, countedByServers } from './counted-by-servers.ts'
import { isDnsDown, serverSaid } from './server-said.ts'

/** The name server that CoreDNS asks for names outside does not answer. */
export const corednsUpstreamTimeout: Rule<'coredns-upstream-timeout'> = {
  id: 'coredns-upstream-timeout',
  title: 'The name server behind CoreDNS does not answer',
  domain: 'dns',
  needs: ['pods', 'logs'],
  helps: ['coredns-metrics', 'configmaps'],
  explains: UNANSWERED,
  explain: {
    mechanism:
      'CoreDNS answers for Services itself and hands every other name to its forward: the name servers of its node, or those that the Corefile names. When these do not answer, names outside of the cluster fail after a timeout while Services go on to resolve.',
    proof: [
      'The log of CoreDNS says plugin/errors with "i/o timeout", "unreachable" or "refused" of the upstream, or it counts questions for which it knew no upstream that is well (coredns_forward_healthcheck_broken_total).',
      'Lookups of hosts outside fail, lookups of Services do not.',
    ],
    lookAlikes: [
      'vpc-resolver-pps-limit: the resolver of the VPC drops what one interface asks too much.',
      'coredns-overloaded: CoreDNS itself has no room for more questions.',
      'coredns-config-broken: the forward was changed before.',
      'dns-name-not-found: only names fail that no Service has; CoreDNS asks its upstream for these too.',
    ],
    mitigate: [
      {
        says: 'Ask the upstream from a pod.',
        command: 'kubectl run dns-test -n {namespace} --rm -it --image=busybox --restart=Never -- nslookup example.com',
        changes: true,
      },
      {
        says: 'Let CoreDNS forward to a resolver that answers, such as that of the VPC.',
        command: 'kubectl edit configmap coredns -n kube-system',
        changes: true,
      },
    ],
    fix: ['Forward to two resolvers on different paths, and keep the cache of CoreDNS with serve_stale.'],
    links: ['https://coredns.io/plugins/forward/'],
  },
  *evaluate(incident) {
    if (isDnsDown(incident)) return
    const said = serverSaid(incident, 'coredns-upstream-timeout')
    const broken = countedByServers(incident, 'coredns_forward_healthcheck_broken_total')
    const isSeen = said.length > 0 || broken !== undefined
    const lookups = lookupsOutside(incident)
    if (lookups.length > 0 && (isSeen || countClients(lookups) > 1)) yield describe(incident, said, broken, lookups)
    else if (isSeen)
      yield reject(
        dnsWorkload(incident),
        'Its upstream did not answer now and then, but no program is seen to suffer from it.',
      )
  },
}

function describe(
  incident: Incident,
  said: readonly Said[],
  broken: CountedByServers | undefined,
  lookups: readonly FailedLookup[],
): Finding {
  const inside = lookupsOfServices(incident).filter(({ how }) => how !== 'absent')
  return {
    kind: 'cause',
    subject: dnsWorkload(incident),
    strength: isLikely(said, broken, lookups) && inside.length === 0 ? 'strong' : 'weak',
    from: earliest((said.length > 0 ? said : lookups).map(({ first }) => first)),
    says: `Names outside of the cluster do not resolve (${tellNames([...new Set(lookups.map(({ name }) => name))], 3)}): ${tellUpstreams(said, broken)}; ${count(countClients(lookups), 'workload')} log it.`,
    cites: atLeastOne([
      ...said.slice(0, 2).map(({ citation }) => citation),
      ...(broken?.cites ?? []),
      ...citeLookups(lookups, 3),
    ]),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
    ...(inside.length > 0
      ? { against: [{ says: 'Lookups of Services fail too.', cites: atLeastOne(citeLookups(inside)) }] }
      : {}),
  }
}

/** Some upstreams do not answer the check of CoreDNS and everything else: then it counts them as ill while all goes well, and one caller is not enough. */
function isLikely(
  said: readonly Said[],
  broken: CountedByServers | undefined,
  lookups: readonly FailedLookup[],
): boolean {
  return said.length > 0 || (broken !== undefined && countClients(lookups) > 1)
}

function tellUpstreams(said: readonly Said[], broken: CountedByServers | undefined): string {
  const upstreams = [...new Set(said.flatMap(({ values }) => values.upstream ?? []))].sort()
  if (said.length > 0)
    return `the upstream of CoreDNS${upstreams.length > 0 ? ` (${tellNames(upstreams, 2)})` : ''} does not answer`
  if (broken)
    return `none of the upstreams of CoreDNS was well for ${count(broken.times, 'question')} within ${broken.seconds} s`
  return 'lookups of several workloads get no answer'
}
