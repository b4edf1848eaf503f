import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { type DnsName, editDistance } from '../../incident/dns-name.ts'
import { type FailedLookup, failedLookups } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import { is } from '../../incident/messages/index.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { MANY_LINES } from '../outbreak.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { TELEMETRY } from '../telemetry.ts'
import { timesOf } from '../times-of.ts'
import { asksElsewhere, lookupsInVain, nameOf } from './clients.ts'

/** A program asks for a Service that does not exist. */
export const dnsNameNotFound: Rule<'dns-name-not-found'> = {
  id: 'dns-name-not-found',
  title: 'A program asks for a Service that does not exist',
  domain: 'dns',
  needs: ['pods', 'logs', 'services'],
  helps: ['previous-logs', 'namespaces'],
  explains: ['errors', 'crashing', 'not-ready', 'not-starting', 'no-endpoints', 'job-failing', 'rollout-stalled'],
  explain: {
    mechanism:
      'The name servers answer, and say that there is no such name: it is misspelt, names another namespace or none, or the Service was deleted or renamed. A short name is completed with the namespace of the pod, so what resolves in one namespace does not in another. A pod with dnsPolicy Default, or with hostNetwork and without ClusterFirstWithHostNet, asks the name server of its node, who knows no Service at all; with dnsPolicy None it asks whom its dnsConfig names, and completes names only with the search domains there. A Service of type ExternalName is only an alias: where what it names does not resolve, it does not either.',
    proof: [
      'The log says "no such host", ENOTFOUND, "Name or service not known" or the like of a name, and the cluster has no Service of that name in that namespace.',
      'Lookups of other names succeed.',
    ],
    lookAlikes: [
      'coredns-down-or-unschedulable, coredns-overloaded: names fail that exist.',
      'networkpolicy-blocks-traffic: "Temporary failure in name resolution", EAI_AGAIN and timeouts say that nobody answered, not that there is no such name.',
      'service-has-no-ready-endpoints: a headless Service exists, and its name has no address while no pod is ready.',
      'coredns-apiserver-watch-stale: the Service exists, and is new.',
      'dependency-down: the name resolves, and nobody answers there.',
    ],
    mitigate: [
      { says: 'See which Services there are.', command: 'kubectl get services -A', changes: false },
      { says: 'Correct the name in the settings of the workload, or make the Service again.', changes: true },
    ],
    fix: ['Take the names of dependencies from one place, and check at deployment that they resolve.'],
    links: ['https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/'],
  },
  *evaluate(incident) {
    const missing = failedLookups(incident).filter((one) => isOfNoService(incident, one))
    const byClient = Map.groupBy(missing, ({ workload }) => keyOf(workload))
    for (const [, lookups] of [...byClient].sort(([a], [b]) => (a < b ? -1 : 1))) yield judge(incident, lookups)
  },
}

/**
 * Whether a name can only be one of the cluster, and the cluster has no Service for it; or the pod asks a server that knows none. Where nobody
 * answered (EAI_AGAIN, getaddrinfo(3): the server failed for now), nobody has said that there is no such name.
 */
function isOfNoService(incident: Incident, lookup: FailedLookup): boolean {
  const name = nameOf(incident, lookup)
  if (name.kind === 'outside' || isNodeName(incident, lookup)) return false
  if (name.found)
    return (
      (lookup.how !== 'unanswered' || asksForeign(incident, lookup)) &&
      whyNotFound(incident, lookup, name.found) !== undefined
    )
  return (
    !is(lookup.template.example.text, 'name-lookup-timeout') && incident.coverage.isComplete('services', name.namespace)
  )
}

interface Hint {
  readonly says: string
  readonly cites: readonly Citation[]
}

/** Why the name of a Service that exists is not found: who is asked does not know it, it is not completed, or it is an alias of nothing. */
function whyNotFound(incident: Incident, lookup: FailedLookup, service: Service): Hint | undefined {
  const { pod, name, how } = lookup
  const alias = textAt(service.object.json, 'spec', 'externalName')
  if (service.type === 'ExternalName')
    return how === 'absent' && alias !== ''
      ? {
          says: `: the Service ${service.object.ref.name} is an alias of ${alias}, which does not resolve`,
          cites: [cite(service.object, ['spec', 'externalName'])],
        }
      : undefined
  if (!pod) return undefined
  const isNone = textAt(pod.json, 'spec', 'dnsPolicy') === 'None'
  const config = ['spec', 'dnsConfig'] as const
  const isForeign = asksForeign(incident, lookup)
  if (isForeign || asksElsewhere(incident, pod))
    return isNone || isForeign
      ? {
          says: `, because its pods ask ${tellNames(listAt(pod.json, ...config, 'nameservers').map(String))} (dnsConfig), and not the name server of the cluster`,
          cites: [cite(pod, [...config, 'nameservers'])],
        }
      : {
          says: ', because its pods ask the name server of their node (dnsPolicy), and not the cluster’s',
          cites: [cite(pod, ['spec', 'dnsPolicy'])],
        }
  const isShort = !/\.svc\./.test(name)
  return isNone && isShort && listAt(pod.json, ...config, 'searches').length === 0
    ? {
        says: ', because its dnsConfig has no search domains that would complete the name',
        cites: [cite(pod, [...config])],
      }
    : undefined
}

/** Whether the server that was asked, or every one that the pod may ask, is of its dnsConfig, and no Service of the cluster. */
function asksForeign(incident: Incident, { pod, server }: FailedLookup): boolean {
  const named = listAt(pod?.json, 'spec', 'dnsConfig', 'nameservers').map(String)
  const isNone = textAt(pod?.json, 'spec', 'dnsPolicy') === 'None'
  const asked = named.includes(server) ? [server] : isNone ? named : []
  const own = new Set(incident.services.map(({ object }) => textAt(object.json, 'spec', 'clusterIP')))
  const knowsOwn = clusterDns(incident).addresses.size > 0
  return knowsOwn && asked.length > 0 && asked.every((one) => !own.has(one) && !one.startsWith('169.254.'))
}

function isNodeName({ nodes }: Incident, { name }: FailedLookup): boolean {
  return nodes.some(({ ref }) => ref.name === name || ref.name.startsWith(`${name}.`))
}

function judge(incident: Incident, lookups: readonly FailedLookup[]) {
  const [{ workload }] = lookups as [FailedLookup]
  const isOutage = lookups.every(({ how }) => how !== 'absent') && lookupsInVain(incident).length > 0
  if (isOutage) return reject(workload, 'Names that exist do not resolve either: it is the name service.')
  const suffers = lookups.some(({ pod }) => pod !== undefined && isSuffering(incident, pod))
  const isOfTelemetry = lookups.every(({ name }) => TELEMETRY.test(name))
  const lines = timesOf(lookups)
  if (!suffers && (isOfTelemetry || lines < MANY_LINES))
    return reject(workload, 'It asked for a name that does not exist, and does its work all the same.')
  return describe(incident, lookups, suffers)
}

function describe(incident: Incident, lookups: readonly FailedLookup[], suffers: boolean): Finding {
  const [first] = lookups as [FailedLookup]
  const { workload } = first
  const names = [...new Set(lookups.map(({ name }) => name))]
  const hint = hintOf(incident, first)
  const pods = lookups.flatMap(({ pod }) => pod ?? [])
  return {
    kind: 'cause',
    subject: workload,
    strength: lookups.some(({ how }) => how === 'absent') && suffers ? 'proof' : 'strong',
    from: earliest(lookups.map((one) => one.first)),
    says: `${workload.name} looks up ${tellNames(names)} in vain (${count(timesOf(lookups), 'line')})${hint.says}.`,
    cites: atLeastOne([...lookups.slice(0, 3).map(({ citation }) => citation), ...hint.cites]),
    affects: uniqueRefs([
      ...sufferersOf(incident, pods),
      ...lookups.flatMap((one) => missingRef(nameOf(incident, one))),
    ]),
  }
}

/** What does not exist is touched too, and an alias: what callers say of it is explained. */
function missingRef({ found, namespace, service }: DnsName): readonly Ref[] {
  return found && found.type !== 'ExternalName' ? [] : [{ kind: 'Service', namespace, name: service }]
}

function hintOf(incident: Incident, lookup: FailedLookup): Hint {
  const { found, namespace, service } = nameOf(incident, lookup)
  const why = found && whyNotFound(incident, lookup, found)
  if (why) return why
  const [alike] = likeliest(incident, namespace, service)
  const cites = alike ? [citeName(alike.object)] : []
  const isNamespaceMissing = lacksNamespace(incident, namespace)
  const says = `: ${isNamespaceMissing ? `there is no namespace ${namespace}` : `there is no Service ${service} in the namespace ${namespace}`}`
  const { namespace: place, name } = alike?.object.ref ?? {}
  return { says: alike ? `${says}, but ${name} in ${place}` : says, cites }
}

function lacksNamespace(incident: Incident, namespace: string): boolean {
  if (!incident.coverage.isComplete('namespaces') || incident.objects('namespaces').length === 0) return false
  return incident.find('Namespace', undefined, namespace) === undefined
}

/** Edits by which a name is still taken for misspelt. */
const ALIKE = 2

/** Services that may be meant: of the same name elsewhere, or of nearly the same name. */
function likeliest(incident: Incident, namespace: string, service: string): readonly Service[] {
  const servers = new Set(clusterDns(incident).services)
  const others = incident.services.filter((one) => !servers.has(one))
  const same = others.filter(({ object }) => object.ref.name === service)
  const near = others.filter(
    ({ object: { ref } }) =>
      ref.namespace === namespace && editDistance(ref.name, service) <= Math.min(ALIKE, service.length - 2),
  )
  return [...same, ...near]
}
