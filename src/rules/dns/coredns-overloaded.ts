import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import type { FailedLookup } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { showCores } from '../../incident/quantity.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type CpuLimit, readCpuLimit } from '../compute/cpu-limits.ts'
import { heldUp } from '../compute/throttled.ts'
import { clockTime, isRecent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { timesOf } from '../times-of.ts'
import { citeLookups, clientsOf, countClients, dnsWorkload, lookupsInVain, serverRefs } from './clients.ts'
import { type CountedByServers, countedByServers } from './counted-by-servers.ts'
import { isDnsDown, serverSaid } from './server-said.ts'

/** Name servers that run and have more questions than they can answer. */
export const corednsOverloaded: Rule<'coredns-overloaded'> = {
  id: 'coredns-overloaded',
  title: 'CoreDNS has more questions than it can answer',
  domain: 'dns',
  seeds: ['KIA 3.3.1'],
  needs: ['pods'],
  helps: ['logs', 'pods.metrics.k8s.io', 'coredns-metrics', 'cadvisor'],
  explains: ['errors', 'crashing', 'not-ready', 'not-starting', 'no-endpoints', 'slow', 'job-failing'],
  explain: {
    mechanism:
      'Each name that a pod asks for becomes several questions, and clients repeat what is not answered in time. When the few name servers run into their CPU or memory limit, or into the number of questions that may be open at the upstream, answers come late or not at all, clients ask again, and the load grows by itself.',
    proof: [
      'The log of CoreDNS says "concurrent queries exceeded maximum", or its counter of such refusals (coredns_forward_max_concurrent_rejects_total) grows.',
      'Name servers were killed for want of memory while clients log timeouts of lookups.',
      'Without either it can only be suggested: name servers use all of their CPU limit, or do not answer their own health check within a second, while several workloads log lookups without an answer.',
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
      {
        says: 'Where they use all of their CPU limit, raise it, or take it away and keep the request.',
        command: 'kubectl set resources deployment/{name} -n {namespace} --limits=cpu=<more>',
        changes: true,
      },
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
    const { pods } = clusterDns(incident)
    const killed = pods.flatMap((pod) => killsOf(incident, pod))
    const full = fullServer(incident, pods)
    const lookups = lookupsInVain(incident).filter(({ how }) => how !== 'absent')
    const refused = countedByServers(incident, 'coredns_forward_max_concurrent_rejects_total')
    const load: Load = { said, refused, slow, killed, full, lookups }
    const isSeen = refused !== undefined || killed.length > 0 || slow.length > 0 || full !== undefined
    if (said.length > 0 || (lookups.length > 0 && isSeen)) yield describe(incident, load)
    else if (isSeen)
      yield reject(
        dnsWorkload(incident),
        'A name server refused questions, ran out of memory, was slow or used all of its CPU limit, but no program is seen to suffer from it.',
      )
  },
}

/** What tells that name servers have too much to do, and of whom they keep waiting. */
interface Load {
  /** Too many questions are open. */
  readonly said: readonly Said[]
  /** Questions that were refused for that between the samples. */
  readonly refused: CountedByServers | undefined
  /** Their own health check is answered too late. */
  readonly slow: readonly Said[]
  readonly killed: readonly Kill[]
  readonly full: Full | undefined
  readonly lookups: readonly FailedLookup[]
}

interface Kill {
  readonly at: number | undefined
  readonly citation: Citation
}

/** A name server that uses all the processor time that it may. */
interface Full {
  readonly limit: number
  readonly lowered: CpuLimit['lowered']
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

function fullServer(incident: Incident, pods: readonly Pod[]): Full | undefined {
  const held = heldServer(incident, pods)
  if (held) return held
  const onset = incident.now
  return pods
    .flatMap((pod) => pod.containers.map((container) => ({ pod, container })))
    .flatMap(
      ({ pod, container }) => readCpuLimit(incident, { workload: pod.workload, pods: [pod], container, onset }) ?? [],
    )
    .flatMap(({ isAtLimit, limit, lowered, usage }) =>
      isAtLimit && usage ? [{ limit, lowered, citation: usage.citation }] : [],
    )[0]
}

/** A server that the kernel held up for its limit while the capture ran, whatever it used on average. */
function heldServer(incident: Incident, pods: readonly Pod[]): Full | undefined {
  return pods
    .flatMap((pod) => pod.containers)
    .flatMap(({ name, limits: { cpu: limit } }) => {
      const held = limit === undefined ? undefined : heldUp(incident, pods, name)
      return limit !== undefined && held ? [{ limit, lowered: undefined, citation: held.throttling.cites[0] }] : []
    })[0]
}

function describe(incident: Incident, load: Load): Finding {
  const { said, refused, slow, killed, full, lookups } = load
  return {
    kind: 'cause',
    subject: dnsWorkload(incident),
    strength: strengthOf(load),
    from: onsetOf(load),
    says: `CoreDNS is overloaded: ${tellLoad(load)}. ${count(countClients(lookups), 'workload')} log lookups without an answer.`,
    cites: atLeastOne(
      [...said.slice(0, 2), ...slow.slice(0, 1), ...killed.slice(0, 2), ...(full ? [full] : [])]
        .map(({ citation }) => citation)
        .concat(refused?.cites ?? [], full?.lowered?.cites ?? [], citeLookups(lookups)),
    ),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
  }
}

/** By what the servers say themselves, or else by the first lookup in vain. */
function onsetOf({ said, slow, killed, lookups }: Load): number | undefined {
  const own = earliest([...said, ...slow].map(({ first }) => first).concat(killed.map(({ at }) => at)))
  return own ?? earliest(lookups.map(({ first }) => first))
}

/** What it says of its questions and its memory decides; time that it lacks does where several workloads wait in vain. */
function strengthOf({ said, refused, killed, slow, full, lookups }: Load): Finding['strength'] {
  if (said.length > 0 || refused) return lookups.length > 0 ? 'proof' : 'strong'
  if (killed.length > 0) return 'strong'
  const clients = countClients(lookups.filter(({ how }) => how === 'unanswered'))
  if (full && slow.length > 0) return clients > 0 ? 'strong' : 'weak'
  const isShort = full !== undefined || timesOf(slow) >= OFTEN
  return isShort && clients >= SEVERAL ? 'strong' : 'weak'
}

/** One workload alone may have trouble of its own with its lookups. */
const SEVERAL = 2

/** Health checks that were late: one or two are a pause of the node. */
const OFTEN = 3

function tellLoad({ said, refused, killed, slow, full }: Load): string {
  if (refused)
    return `it refused ${count(refused.times, 'question')} within ${refused.seconds} s, because it had as many open as it may`
  if (said.length > 0) return 'it has as many questions open as it may'
  if (killed.length > 0) return 'its memory does not suffice'
  const late = slow.length > 0 ? 'it does not answer its own health check in time' : undefined
  const uses = full && `it uses all of its CPU limit of ${showCores(full.limit)}${tellLowered(full)}`
  return [uses, late].filter((one) => one !== undefined).join(', and ')
}

function tellLowered({ lowered }: Full): string {
  return lowered ? `, which the rollout at ${clockTime(lowered.at)} lowered from ${lowered.before || 'none'}` : ''
}
