import { atLeastOne } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import type { Incident } from '../../incident/incident.ts'
import { isOnAws } from '../../incident/on-aws.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { groupByNode, type NodeGroup } from '../group-by-node.ts'
import { joinCounted } from '../network/counted-faults.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { citeLookups, clientsOf, dnsWorkload, lookupsOutside, serverRefs } from './clients.ts'
import { linkLocal, resolverTimeouts, stoodStill } from './link-local.ts'

/** The resolver of the VPC drops what one network interface asks more than it may. */
export const vpcResolverPpsLimit: Rule<'vpc-resolver-pps-limit'> = {
  id: 'vpc-resolver-pps-limit',
  title: 'The resolver of the VPC drops questions above its limit (link-local)',
  domain: 'dns',
  seeds: ['KIA 2.9.2', 'KIA 2.9.3', 'KIA 2.9.4'],
  needs: ['pods'],
  helps: ['ena-counters', 'nodes', 'logs'],
  explains: ['errors', 'slow', 'crashing', 'not-ready', 'no-endpoints', 'job-failing'],
  explain: {
    mechanism:
      'Each network interface may send 1024 packets a second to link-local services: the resolver of the VPC, instance metadata and the time service. When the few name servers sit on one node, their questions together go above that, and the rest is dropped without a trace: no log of queries has them, CoreDNS itself looks idle, and credentials from instance metadata come late too.',
    proof: [
      'The counter linklocal_allowance_exceeded of the nodes that run CoreDNS grows (ethtool -S).',
      'The node monitoring agent reports LinkLocalExceeded.',
    ],
    lookAlikes: [
      'coredns-upstream-timeout: the upstream is down, for whoever asks.',
      'coredns-overloaded: CoreDNS has no CPU or memory.',
      'On nodes without CoreDNS: programs there ask the resolver or the metadata themselves.',
    ],
    mitigate: [
      {
        says: 'Run more name servers on different nodes.',
        command: 'kubectl scale deployment/coredns -n kube-system --replicas=4',
        changes: true,
      },
    ],
    fix: [
      'NodeLocal DNSCache, ndots 2 for programs with external hosts, a longer cache, and topology spread of CoreDNS.',
    ],
    links: [
      'https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html',
      'https://docs.aws.amazon.com/eks/latest/best-practices/monitoring_eks_workloads_for_network_performance_issues.html',
    ],
  },
  *evaluate(incident) {
    const told = groupByNode(incident, 'nma-linklocal-exceeded').map((group) => describe(incident, group))
    const outcomes = [...joinCounted(incident, told, linkLocal(incident))]
    yield* outcomes
    if (outcomes.every(({ kind }) => kind === 'rejected')) yield* suspect(incident)
  },
}

function describe(incident: Incident, { ref, said }: NodeGroup): Finding {
  const servers = clusterDns(incident).pods.filter(({ node }) => node === ref.name)
  const lookups = lookupsOutside(incident)
  return {
    kind: 'cause',
    subject: ref,
    strength: servers.length > 0 && lookups.length > 0 ? 'strong' : 'weak',
    from: earliest(said.map(({ first }) => first)),
    says: `The node ${ref.name} sends more to link-local services than its interface may; ${count(servers.length, 'name server')} of the cluster run there.`,
    cites: atLeastOne([...said.slice(0, 2).map(({ citation }) => citation), ...citeLookups(lookups)]),
    affects: uniqueRefs([
      ...servers.map((pod) => pod.ref),
      ...(servers.length > 0 ? clientsOf(incident, lookups) : []),
      ...incident.podsOn(ref.name).map((pod) => pod.ref),
    ]),
  }
}

/** Timeouts at the resolver of a VPC while all name servers sit on one node fit, and prove nothing. */
function* suspect(incident: Incident) {
  const said = resolverTimeouts(incident)
  const lookups = lookupsOutside(incident)
  if (said.length === 0 || lookups.length === 0 || !isOnAws(incident)) return
  const nodes = [...new Set(clusterDns(incident).pods.map(({ node }) => node))].filter((node) => node !== '')
  if (nodes.length !== 1 || clusterDns(incident).pods.length < 2) {
    yield reject(
      dnsWorkload(incident),
      'Its upstream times out, but its servers are spread, and no counter of the interface is in the bundle.',
    )
    return
  }
  if (nodes.every((name) => stoodStill(incident, name))) {
    yield reject(
      dnsWorkload(incident),
      `Its upstream times out, and its servers share a node, but linklocal_allowance_exceeded did not grow there.`,
    )
    return
  }
  yield {
    kind: 'cause',
    subject: dnsWorkload(incident),
    strength: 'weak',
    from: earliest(said.map(({ first }) => first)),
    says: `The resolver of the VPC does not answer CoreDNS, whose servers all run on ${tellNames(nodes)}: together they may be above the limit of its interface.`,
    cites: atLeastOne([...said.slice(0, 2).map(({ citation }) => citation), ...citeLookups(lookups)]),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
    missing: ['ena-counters of the nodes that run CoreDNS'],
  } satisfies Finding
}
