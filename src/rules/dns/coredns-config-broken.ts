import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { findConfigWrites } from '../../incident/config-write.ts'
import { pluginsOf, readCorefile } from '../../incident/corefile.ts'
import type { FailedLookup } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, shorten, tellTime } from '../../incident/telling.ts'
import { unreadySince } from '../../incident/unready-since.ts'
import { citeWrite } from '../../incident/write-citation.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import {
  citeLookups,
  clientsOf,
  countClients,
  dnsWorkload,
  lookupsInVain,
  lookupsOfServices,
  nameOf,
  serverRefs,
} from './clients.ts'
import { isDnsDown, serverSaid } from './server-said.ts'

/** A Corefile that CoreDNS cannot read, that asks itself, or that no longer answers for the cluster. */
export const corednsConfigBroken: Rule<'coredns-config-broken'> = {
  id: 'coredns-config-broken',
  title: 'The configuration of CoreDNS is broken',
  domain: 'dns',
  needs: ['pods'],
  helps: ['logs', 'previous-logs', 'configmaps', 'services'],
  explains: [
    'errors',
    'crashing',
    'not-ready',
    'not-starting',
    'no-endpoints',
    'slow',
    'job-failing',
    'rollout-stalled',
    'warnings',
  ],
  explain: {
    mechanism:
      'CoreDNS reads its Corefile at its start and, with the plugin reload, whenever it changes. A line that it cannot read ends a starting server; one that runs keeps its old configuration until its next start. Worse is what it can read: without the plugin kubernetes for the domain of the cluster no Service resolves, and with a forward to itself each question comes back until the plugin loop ends the server.',
    proof: [
      'The log says "Error during parsing", or "plugin/loop: Loop … detected".',
      'The Corefile names no zone of the cluster for the plugin kubernetes, and lookups of Services that exist fail.',
      'The ConfigMap was written shortly before lookups began to fail.',
    ],
    lookAlikes: [
      'coredns-upstream-timeout: the configuration is as it was, and the upstream does not answer.',
      'coredns-down-or-unschedulable: the servers do not run for another reason.',
      'dns-name-not-found: one name fails, and it does not exist.',
    ],
    mitigate: [
      {
        says: 'See the Corefile, and what the log says of it.',
        command: 'kubectl get configmap coredns -n kube-system -o yaml',
        changes: false,
      },
      {
        says: 'Put the last Corefile back, then start the servers again.',
        command: 'kubectl rollout restart deployment/coredns -n kube-system',
        changes: true,
      },
    ],
    fix: [
      'Change the Corefile through review and a test, and by the settings of the add-on where an add-on manages it.',
    ],
    links: [
      'https://coredns.io/plugins/loop/',
      'https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/',
    ],
  },
  *evaluate(incident) {
    const told = serverSaid(incident, 'coredns-loop', 'corefile-invalid')
    if (told.length > 0) yield describeTold(incident, told)
    else yield* judgeCorefile(incident)
  },
}

/** Servers that run go on with what they read before: then it is a trap for the next start. */
function describeTold(incident: Incident, said: readonly Said[]): Finding {
  const { config, pods } = clusterDns(incident)
  const suffers = pods.some((pod) => isSuffering(incident, pod))
  const lookups = lookupsInVain(incident)
  return {
    kind: suffers ? 'cause' : 'risk',
    subject: subjectOf(incident),
    strength: 'proof',
    from: earliest([config && writeOf(incident, config), ...pods.map(unreadySince), ...said.map(({ first }) => first)]),
    says: `CoreDNS cannot work with its configuration: ${shorten(said[0]?.words ?? '')}.${suffers ? '' : ' Its servers still run with the one before.'}`,
    cites: atLeastOne([
      ...said.slice(0, 2).map(({ citation }) => citation),
      ...citeConfig(incident, config),
      ...citeLookups(lookups),
    ]),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
    depends: serverRefs(incident),
  }
}

function subjectOf(incident: Incident): Ref {
  const { config } = clusterDns(incident)
  return (
    config?.ref ?? { kind: 'ConfigMap', namespace: dnsWorkload(incident).namespace ?? 'kube-system', name: 'coredns' }
  )
}

/** The latest write of the Corefile, if managedFields tell it. */
function writeOf(incident: Incident, config: KubeObject): number | undefined {
  return findConfigWrites(incident).find((one) => keyOf(one.config.ref) === keyOf(config.ref))?.at
}

function citeConfig(incident: Incident, config: KubeObject | undefined): readonly Citation[] {
  if (!config) return []
  const at = writeOf(incident, config)
  return [(at === undefined ? undefined : citeWrite(config, at)) ?? citeName(config)]
}

function* judgeCorefile(incident: Incident) {
  const { config } = clusterDns(incident)
  const lookups = lookupsInVain(incident)
  if (!config || lookups.length === 0 || isDnsDown(incident)) return
  const fault = faultOf(incident, config) ?? changeOf(incident, config, lookups)
  if (fault) yield describeFault(incident, config, lookups, fault)
  else yield reject(config.ref, 'Lookups fail, but the Corefile reads as it should and was not changed before.')
}

interface Fault {
  readonly says: string
  readonly strength: Finding['strength']
  readonly cites: readonly Citation[]
}

/** Lookups of Services fail, and no plugin answers for them; or one stands in the way. */
function faultOf(incident: Incident, config: KubeObject): Fault | undefined {
  const lookups = lookupsOfServices(incident).filter(({ how }) => how !== 'unanswered')
  const blocks = readCorefile(textAt(config.json, 'data', 'Corefile'))
  if (lookups.length === 0 || blocks.length === 0) return undefined
  const own = pluginsOf(blocks, 'kubernetes')
  if (own.length === 0) return { says: 'it has no plugin kubernetes', strength: 'proof', cites: [] }
  const domains = [...own.flatMap(({ args }) => args), ...blocks.flatMap(({ zones }) => zones)].map((one) =>
    one.replace(/\.$/, ''),
  )
  const asked = domainsOf(incident, lookups)
  if (own.some(({ args }) => args.length === 0) || asked.some((one) => domains.includes(one))) return undefined
  const [plugin] = own
  return {
    says: `it answers for ${plugin?.args.filter((one) => !/arpa/.test(one)).join(', ') || 'no zone'}, and pods ask in ${asked.join(', ')}`,
    strength: 'strong',
    cites: plugin ? [cite(config, ['data', 'Corefile'], plugin.args[0] ?? plugin.name)] : [],
  }
}

/** The domain of the cluster as clients ask for it; the usual one where they use short names. */
function domainsOf(incident: Incident, lookups: readonly FailedLookup[]): readonly string[] {
  const asked = lookups
    .map(
      (lookup) =>
        lookup.name.split(`${nameOf(incident, lookup).service}.${nameOf(incident, lookup).namespace}.svc.`)[1] ?? '',
    )
    .filter((domain) => domain !== '')
  return asked.length > 0 ? [...new Set(asked)] : ['cluster.local']
}

/** How long a bad Corefile may take until lookups fail: the reload, and the caches of clients. */
const SOON = 30 * 60 * 1000

/** A change shortly before the first lookup that failed. */
function changeOf(incident: Incident, config: KubeObject, lookups: readonly FailedLookup[]): Fault | undefined {
  const at = writeOf(incident, config)
  const first = earliest(lookups.map((one) => one.first))
  if (at === undefined || first === undefined) return undefined
  const isBefore = at <= first + incident.clocks.tolerance && first - at < SOON
  return isBefore
    ? {
        says: `it was changed at ${tellTime(at)}, and lookups fail since ${tellTime(first)}`,
        strength: 'strong',
        cites: [],
      }
    : undefined
}

function describeFault(
  incident: Incident,
  config: KubeObject,
  lookups: readonly FailedLookup[],
  fault: Fault,
): Finding {
  return {
    kind: 'cause',
    subject: config.ref,
    strength: fault.strength,
    from: earliest([writeOf(incident, config), ...lookups.map(({ first }) => first)]),
    says: `The Corefile does not do what it should: ${fault.says}. ${count(countClients(lookups), 'workload')} log failing lookups.`,
    cites: atLeastOne([...fault.cites, ...citeConfig(incident, config), ...citeLookups(lookups, 3)]),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
    depends: serverRefs(incident),
  }
}
