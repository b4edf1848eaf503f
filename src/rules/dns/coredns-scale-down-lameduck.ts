import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { pluginsOf, readCorefile } from '../../incident/corefile.ts'
import { type FailedLookup, failedLookups } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest } from '../../incident/telling.ts'
import { isRecent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { citeLookups, clientsOf, countClients, dnsWorkload, serverRefs } from './clients.ts'
import { isDnsDown } from './server-said.ts'

/** Lookups that fail for seconds whenever a name server ends. */
export const corednsScaleDownLameduck: Rule<'coredns-scale-down-lameduck'> = {
  id: 'coredns-scale-down-lameduck',
  title: 'Lookups fail while a name server ends',
  domain: 'dns',
  needs: ['pods', 'logs', 'events'],
  helps: ['configmaps', 'coredns-metrics'],
  explains: ['errors', 'slow'],
  explain: {
    mechanism:
      'When a pod of CoreDNS is taken away, nodes go on to send questions to it until their rules are updated. With lameduck it still answers for that time; without it these questions get no answer, and clients wait for their timeout.',
    proof: ['Lookups fail only within seconds after the event Killing of a name server.'],
    lookAlikes: [
      'coredns-overloaded, coredns-upstream-timeout: lookups fail at other times too.',
      'coredns-down-or-unschedulable: no server is left.',
    ],
    mitigate: [{ says: 'Stop what takes the pods away: the autoscaler, the drain, the rollout.', changes: true }],
    fix: ['Set health { lameduck 30s } in the Corefile, and let readiness ask the plugin ready.'],
    links: ['https://coredns.io/plugins/health/'],
  },
  *evaluate(incident) {
    const ends = endsOf(incident)
    const lookups = failedLookups(incident).filter(({ how }) => how === 'unanswered')
    if (ends.length === 0 || lookups.length === 0 || isDnsDown(incident)) return
    if (lookups.every((one) => isWithin(one, ends))) yield describe(incident, ends, lookups)
    else yield reject(dnsWorkload(incident), 'Name servers ended, but lookups fail at other times too.')
  },
}

interface End {
  readonly at: number
  readonly citation: Citation
}

/** How long the rules of nodes lag behind the end of a pod, with the timeouts of the clients. */
const SETTLING = 30_000

/** Lookups in vain are logged after their timeout, by another clock. */
const TOLERANCE = 5_000

function endsOf(incident: Incident): readonly End[] {
  const workload = keyOf(dnsWorkload(incident))
  const gone = incident
    .eventsOf('Killing')
    .filter(({ about }) => about.kind === 'Pod' && about.namespace === dnsWorkload(incident).namespace)
  return gone.flatMap(({ about, object, last }) => {
    const isServer =
      keyOf(incident.topOf(about)) === workload || about.name.startsWith(`${dnsWorkload(incident).name}-`)
    return isServer && last !== undefined && isRecent(incident, last)
      ? [{ at: last, citation: cite(object, ['message']) }]
      : []
  })
}

function isWithin({ template }: FailedLookup, ends: readonly End[]): boolean {
  return (
    template.times.length > 0 &&
    template.times.every((time) => ends.some(({ at }) => time >= at - TOLERANCE && time <= at + SETTLING + TOLERANCE))
  )
}

function describe(incident: Incident, ends: readonly End[], lookups: readonly FailedLookup[]): Finding {
  const health = pluginsOf(readCorefile(textAt(clusterDns(incident).config?.json, 'data', 'Corefile')), 'health')
  const isWithout =
    health.length > 0 && !health.some(({ options }) => options.some((one) => one.startsWith('lameduck')))
  return {
    kind: 'cause',
    subject: dnsWorkload(incident),
    strength: isWithout ? 'strong' : 'weak',
    from: earliest(ends.map(({ at }) => at)),
    says: `Lookups of ${count(countClients(lookups), 'workload')} failed only while ${count(ends.length, 'name server')} ended${isWithout ? ', and the Corefile has no lameduck' : ''}.`,
    cites: atLeastOne([...ends.slice(0, 2).map(({ citation }) => citation), ...citeLookups(lookups)]),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
  }
}
