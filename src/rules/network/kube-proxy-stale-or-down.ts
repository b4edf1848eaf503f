import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import { staleFlows } from '../../incident/connections/stale-flows.ts'
import type { Incident } from '../../incident/incident.ts'
import { numberAt } from '../../incident/kubernetes.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Node } from '../../incident/node.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { isStuck, isUnserved, networkSufferersOn, unansweredCallersOn } from './network-sufferers.ts'
import { silentProxies } from './silent-daemons.ts'
import { firstSaid } from './still-holds.ts'
import { type UnwrittenRules, unwrittenRulesOn } from './unwritten-rules.ts'

/** What kube-proxy logs while it cannot follow Services, or write its rules. */
const STALE: readonly MessageId[] = ['api-kind-not-served', 'watch-failed', 'iptables-sync-failed', 'ipvs-unavailable']

/** kube-proxy tries again within seconds: what it said longer ago is over. */
const STALE_MS = 5 * 60_000

/** A node gets its pod of a DaemonSet within seconds of joining. */
const JOINED_MS = 5 * 60_000

/** Nodes on which nobody writes what Services mean: their addresses lead nowhere, or to pods that are gone. */
export const kubeProxyStaleOrDown: Rule<'kube-proxy-stale-or-down'> = {
  id: 'kube-proxy-stale-or-down',
  title: 'kube-proxy is down, missing or does not follow',
  domain: 'network',
  seeds: ['KIA 2.4'],
  needs: ['pods', 'daemonsets.apps'],
  helps: ['logs', 'nodes', 'kube-proxy-metrics', 'conntrack'],
  explains: ['errors', 'slow', 'not-ready', 'crashing', 'not-starting', 'node-unhealthy', 'warnings'],
  explain: {
    mechanism:
      'kube-proxy turns Services into rules of the kernel on each node. While it is down the rules stay as they were: Services that are new, and pods that moved, are not reached from that node, while addresses of pods work. A node that starts without it reaches no Service at all, so that even its network plugin and its DNS fail.',
    proof: [
      'The pod of kube-proxy on the node is missing or crashes, or its log says that it cannot list or watch Services.',
      'It says itself that it does not write its rules: 503 on :10256/healthz of a node that stays, failures of iptables-restore or nft without a success between the samples, a round that was asked for and did not come.',
      'It runs and listens neither on :10249 nor on :10256, and on other nodes it does.',
      'The kernel of the node keeps connections in mind that go to the Service and on to an address that is none of its endpoints, or to nobody.',
      'By hand: from a pod of the node a ClusterIP times out and the address of the pod behind it answers.',
    ],
    lookAlikes: [
      'service-has-no-ready-endpoints: there is nothing to be reached, from any node.',
      'coredns-down-or-unschedulable: names fail from everywhere.',
      'addon-version-skew: why kube-proxy asks for what the API server does not serve.',
    ],
    mitigate: [
      {
        says: 'Read why it does not run.',
        command: 'kubectl -n {namespace} logs daemonset/{name} --tail=100',
        changes: false,
      },
      { says: 'Restart it on one node first: delete that pod.', changes: true },
    ],
    fix: [
      'Keep the version of kube-proxy within what the version of the kubelet allows, and its DaemonSet on every node.',
    ],
    links: ['https://kubernetes.io/docs/reference/networking/virtual-ips/'],
  },
  *evaluate(incident) {
    const proxies = incident.workloads.filter(
      ({ ref }) => ref.kind === 'DaemonSet' && /^kube-proxy(?:-|$)/.test(ref.name),
    )
    for (const proxy of proxies.filter(({ ref }) => !ref.name.includes('windows'))) {
      const problems = [
        downOn(incident, proxy),
        silentOn(incident, proxy),
        missingOn(incident, proxy),
        staleOn(incident, proxy),
        unwrittenOn(
          incident,
          proxy.pods.map(({ node }) => node),
        ),
        astrayOn(incident, proxy),
      ].filter((one) => one !== undefined)
      const first = strongestOf(problems)
      if (first)
        yield describe(
          incident,
          proxy.ref,
          first,
          problems.flatMap(({ nodes }) => nodes),
        )
      else if (logsOf(incident, proxy).length > 0)
        yield reject(proxy.ref, 'It lost the API server once, and has followed it again since.')
    }
    if (proxies.length === 0) yield* tellOfOthers(incident)
  },
}

/** Where it is no DaemonSet (static pods, k3s), only what it says of itself tells of it. */
function* tellOfOthers(incident: Incident): Generator<Finding> {
  for (const { node, counters } of incident.kubeProxies.nodes) {
    const isProxy = counters.series('kubeproxy_sync_proxy_rules_last_timestamp_seconds').length > 0
    const problem = isProxy ? unwrittenOn(incident, [node]) : undefined
    if (problem) yield describe(incident, { kind: 'Node', name: node }, problem, problem.nodes)
  }
}

/** The first of those that say the most. */
function strongestOf(problems: readonly Problem[]): Problem | undefined {
  const ranks = (['proof', 'strong', 'weak'] as const).map((strength) =>
    problems.find((problem) => problem.strength === strength),
  )
  return ranks.find((one) => one !== undefined)
}

interface Problem {
  readonly nodes: readonly string[]
  readonly words: string
  readonly strength: Finding['strength']
  readonly from: number | undefined
  readonly cites: readonly Citation[]
}

function downOn(incident: Incident, { pods }: Workload): Problem | undefined {
  const sick = pods.filter((pod) => isStuck(incident, pod))
  if (sick.length === 0) return undefined
  const ready = sick.map((pod) => conditionOf(pod.conditions, 'Ready'))
  return {
    nodes: sick.map(({ node }) => node),
    words: 'is not ready',
    strength: 'strong',
    from: earliest(ready.map((one) => one?.since)),
    cites: sick.slice(0, 2).map((pod, index) => {
      const condition = ready[index]
      return condition ? cite(pod, [...condition.path, 'status'], condition.status) : cite(pod, ['status', 'phase'])
    }),
  }
}

/** Nodes that have joined some time ago and have no pod of it, by complete lists of both. Plugins that do its work leave its DaemonSet with no node. */
function missingOn(incident: Incident, { ref, object, pods }: Workload): Problem | undefined {
  const isKnown = incident.coverage.isComplete('nodes') && incident.coverage.isComplete('pods', ref.namespace)
  if (!object || !isKnown) return undefined
  const held = new Set(pods.map(({ node }) => node))
  const bare = incident.nodes.filter((node) => !held.has(node.ref.name) && needsProxy(incident, node))
  const desired = numberAt(object.json, 'status', 'desiredNumberScheduled') ?? 0
  const isReplaced = pods.length === 0 && desired === 0 && incident.nodes.every(({ ready }) => ready)
  if (
    bare.length === 0 ||
    (isReplaced && !bare.some(({ ref: { name } }) => networkSufferersOn(incident, name).length > 0))
  )
    return undefined
  return {
    nodes: bare.map((node) => node.ref.name),
    words: `is missing; the DaemonSet wants ${count(desired, 'pod')} for ${count(incident.nodes.length, 'node')}`,
    strength: 'strong',
    from: object.writes.filter(({ subresource }) => subresource !== 'status').at(-1)?.at,
    cites: [cite(object, ['status', 'desiredNumberScheduled'])],
  }
}

/** Machines without Linux, without a kubelet of their own, or that bring their own proxy have no pod of it. */
function needsProxy({ now }: Incident, { labels, ready, created }: Node): boolean {
  if (
    labels['kubernetes.io/os'] === 'windows' ||
    ['fargate', 'auto'].includes(labels['eks.amazonaws.com/compute-type'] ?? '')
  )
    return false
  return ready && now - (created ?? now) > JOINED_MS && labels.type !== 'virtual-kubelet'
}

function staleOn(incident: Incident, proxy: Workload): Problem | undefined {
  const said = logsOf(incident, proxy).filter(
    ({ last = 0, count: times }) => times > 1 && last >= incident.now - STALE_MS,
  )
  if (said.length === 0) return undefined
  return {
    nodes: said.map(({ about }) => incident.podOf(about)?.node ?? ''),
    words: `does not follow Services (${said[0]?.words.slice(0, 120)})`,
    strength: said.every(({ id }) => id === 'watch-failed') ? 'weak' : 'strong',
    from: firstSaid(said),
    cites: said.slice(0, 2).map(({ citation }) => citation),
  }
}

/** Nodes on which it runs by its status, and does not listen as it does elsewhere. */
function silentOn(incident: Incident, { pods }: Workload): Problem | undefined {
  const silent = silentProxies(incident, pods)
  const [first] = silent
  if (!first) return undefined
  return {
    nodes: silent.map(({ node }) => node),
    words: 'runs and listens on none of its ports, and does on other nodes',
    strength: silent.some(({ node }) => networkSufferersOn(incident, node).length > 0) ? 'strong' : 'weak',
    from: undefined,
    cites: [first.citation],
  }
}

/** Nodes on which it says itself that it does not write: it decides where calls from there get no answer, and is likely where anything suffers. */
function unwrittenOn(incident: Incident, nodes: readonly string[]): Problem | undefined {
  const unwritten = nodes.flatMap((node) => unwrittenRulesOn(incident, node) ?? [])
  const suffering = unwritten.filter(({ node }) => networkSufferersOn(incident, node).length > 0)
  const [first] = [...suffering.filter(({ isSure }) => isSure), ...suffering, ...unwritten]
  if (!first) return undefined
  return {
    nodes: unwritten.map(({ node }) => node),
    words: `does not write its rules: on ${first.node} it ${first.says}`,
    strength: suffering.length === 0 || first.isOnlyLate ? 'weak' : weighUnwritten(incident, first),
    from: undefined,
    cites: first.cites,
  }
}

/** Nodes that send connections to a Service where nobody answers for it, though its endpoints have long been others. */
function astrayOn(incident: Incident, { pods }: Workload): Problem | undefined {
  const nodes = new Set(pods.map(({ node }) => node))
  const lost = staleFlows(incident).filter(({ node, unanswered }) => unanswered > 0 && nodes.has(node))
  const felt = lost.filter(({ node }) => unansweredCallersOn(incident, node).length > 0)
  const [first] = [...felt, ...lost]
  if (!first) return undefined
  const where = first.how === 'gone' ? `to ${first.address}, which is none of its endpoints` : 'to nobody'
  return {
    nodes: (felt.length > 0 ? felt : lost).map(({ node }) => node),
    words: `leads ${count(first.unanswered, 'connection')} of ${first.service.object.ref.name} ${where}`,
    strength: felt.length > 0 ? 'strong' : 'weak',
    from: undefined,
    cites: first.cites,
  }
}

/** Only calls to Services that have ready pods show what unwritten rules come to; programs that log other failures alone fail for these. */
function weighUnwritten(incident: Incident, { node, isSure }: UnwrittenRules): Finding['strength'] {
  if (callsServices(incident, node)) return isSure ? 'proof' : 'strong'
  const isMute = networkSufferersOn(incident, node).some(({ ref }) => incident.logsOf(ref).length === 0)
  return isMute ? 'strong' : 'weak'
}

/** Whether calls of programs on a node to Services fail that have a ready pod, or lookups, which go to a Service too. */
function callsServices(incident: Incident, node: string): boolean {
  const here = new Set(incident.podsOn(node).map(({ workload }) => keyOf(workload)))
  return incident.dependencies.some(
    ({ from, to, failing, classes = [] }) =>
      failing &&
      here.has(keyOf(from)) &&
      !isUnserved(incident, to) &&
      (to.kind === 'Service' || classes.includes('dns-failure')),
  )
}

function logsOf(incident: Incident, { ref }: Workload): readonly Said[] {
  const logged = incident.said(...STALE).filter(({ source }) => source === 'log')
  return logged.filter(({ about }) => keyOf(incident.topOf(about)) === keyOf(ref))
}

function describe(incident: Incident, ref: Ref, problem: Problem, all: readonly string[]): Finding {
  const nodes = [...new Set(all)].filter((name) => name !== '').sort()
  const refs = nodes.map((name): Ref => ({ kind: 'Node', name }))
  return {
    kind: 'cause',
    subject: ref,
    strength: problem.strength,
    from: problem.from,
    says: `kube-proxy on ${count(nodes.length, 'node')} (${nodes.slice(0, 3).join(', ')}) ${problem.words}.`,
    cites: atLeastOne(problem.cites),
    affects: uniqueRefs([
      ...refs,
      ...nodes.flatMap((name) => sufferersOf(incident, networkSufferersOn(incident, name))),
    ]),
  }
}
