import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { findConfigWrites } from '../../incident/config-write.ts'
import { type Plugin, pluginsOf, readCorefile, type ServerBlock } from '../../incident/corefile.ts'
import type { FailedLookup } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, shorten, tellTime } from '../../incident/telling.ts'
import { unreadySince } from '../../incident/unready-since.ts'
import { citeWriteAt } from '../../incident/write-citation.ts'
import { type Finding, type Rule, reject, UNANSWERED } from '../rule.ts'
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
  explains: [...UNANSWERED, 'warnings'],
  explain: {
    mechanism:
      'CoreDNS reads its Corefile at its start and, with the plugin reload, whenever it changes. A line that it cannot read ends a starting server; one that runs keeps its old configuration until its next start. Worse is what it can read: without the plugin kubernetes for the domain of the cluster no Service resolves, a template, a rewrite or a hosts block before it answers in its place, and with a forward to itself each question comes back until the plugin loop ends the server.',
    proof: [
      'The log says "Error during parsing", or "plugin/loop: Loop … detected".',
      'The Corefile names no zone of the cluster for the plugin kubernetes, and lookups of Services that exist fail.',
      'A template, a rewrite or a hosts block takes names of the cluster, and Services that exist are said to have no name.',
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
  return [(at === undefined ? undefined : citeWriteAt(config, at)) ?? citeName(config)]
}

function* judgeCorefile(incident: Incident) {
  const { config } = clusterDns(incident)
  const lookups = lookupsInVain(incident)
  if (!config || lookups.length === 0 || isDnsDown(incident)) return
  const fault = faultOf(incident, config) ?? diversionOf(incident, config) ?? changeOf(incident, config, lookups)
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

/** Names of Services that exist do not resolve, and a plugin before that of Kubernetes answers for every one of them. */
function diversionOf(incident: Incident, config: KubeObject): Fault | undefined {
  const lookups = lookupsOfServices(incident)
  const asked = lookups.map((lookup) => fullName(incident, lookup))
  if (lookups.length === 0 || lookups.every(({ how }) => how === 'unanswered')) return undefined
  for (const block of readCorefile(textAt(config.json, 'data', 'Corefile')))
    for (const plugin of block.plugins)
      if (asked.every((name) => answersInstead(block, plugin, name)))
        return {
          says: `its line "${shorten(plugin.text)}" stands before the plugin kubernetes, and answers for ${asked[0]}`,
          strength: 'strong',
          cites: [cite(config, ['data', 'Corefile'], plugin.text)],
        }
  return undefined
}

function fullName(incident: Incident, lookup: FailedLookup): string {
  const { service, namespace } = nameOf(incident, lookup)
  return `${service}.${namespace}.svc.${domainsOf(incident, [lookup])[0]}`
}

/** Plugins that stand before kubernetes in CoreDNS (coredns/plugin.cfg), and keep a name from it. */
function answersInstead({ zones }: ServerBlock, { name, args, options }: Plugin, asked: string): boolean {
  const isOf = (words: readonly string[]): boolean =>
    (words.length > 0 ? words : zones).some((zone) => isWithin(asked, zone))
  const fallsThrough = options.some((one) => /^fallthrough\b/.test(one))
  if (name === 'template')
    return !fallsThrough && hidesAddresses(args, options) && isOf(args.slice(2)) && matchesAny(options, asked)
  if (name === 'hosts') return !fallsThrough && isOf(args.filter((one) => !one.includes('/')))
  return name === 'rewrite' && isRewritten(args, asked)
}

/** `template CLASS TYPE [zones]` with nothing to answer; one for AAAA alone is how clusters without IPv6 are spared its questions. */
function hidesAddresses([, type = 'ANY']: readonly string[], options: readonly string[]): boolean {
  return /^(?:ANY|A)$/i.test(type) && !options.some((one) => /^answer\b/.test(one))
}

function isWithin(asked: string, zone: string): boolean {
  const plain = zone.replace(/\.$/, '')
  return plain === '' || asked === plain || asked.endsWith(`.${plain}`)
}

/** What a template has no `match` for, it matches. Patterns of Go that are none of JavaScript match nothing. */
function matchesAny(options: readonly string[], asked: string): boolean {
  const patterns = options.flatMap((one) => /^match\s+(.+)$/.exec(one)?.[1]?.split(/\s+/) ?? [])
  return patterns.length === 0 || patterns.some((one) => matches(one.replace(/^"(.*)"$/, '$1'), `${asked}.`))
}

/** Only patterns that cost nothing: literal text with a wildcard at its ends, or in front. */
function matches(pattern: string, asked: string): boolean {
  const literal = pattern
    .replace(/^\^/, '')
    .replace(/^(?:\(?\.[*+]\)?)/, '')
    .replace(/\$$/, '')
    .replaceAll('\\.', '.')
  return /^[\w.-]*$/.test(literal.replace(/\.\*$/, '')) && asked.includes(literal.replace(/\.\*$/, ''))
}

/** `rewrite [stop] name [exact|suffix|prefix|substring] from to` (coredns/plugin/rewrite). */
function isRewritten(args: readonly string[], asked: string): boolean {
  const rest = args.filter((one) => one !== 'stop' && one !== 'continue')
  if (rest[0] !== 'name') return false
  const [how = '', from = '', to = ''] = HOW.has(rest[1] ?? '') ? rest.slice(1) : ['exact', ...rest.slice(1)]
  const name = from.replace(/\.$/, '')
  if (name === '' || to.replace(/\.$/, '') === name) return false
  if (how === 'suffix') return asked.endsWith(name)
  if (how === 'prefix') return asked.startsWith(name)
  return how === 'substring' ? asked.includes(name) : asked === name
}

const HOW = new Set(['exact', 'suffix', 'prefix', 'substring', 'regex'])

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
        strength: lacksTime(incident, lookups) ? 'weak' : 'strong',
        cites: [],
      }
    : undefined
}

/** Servers with too much to do leave lookups without an answer whatever their Corefile says; what a wrong one does is to answer wrongly. */
function lacksTime(incident: Incident, lookups: readonly FailedLookup[]): boolean {
  const said = serverSaid(incident, 'coredns-overloaded', 'coredns-overloaded-health')
  return said.length > 0 && lookups.every(({ how }) => how === 'unanswered')
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
