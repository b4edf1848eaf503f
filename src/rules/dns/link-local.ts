import { atLeastOne } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { type FailedLookup, failedLookups } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NodeKernel } from '../../incident/kernel/node.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { callersSaying } from '../callers.ts'
import { type CountedFault, type CountedSign, rejectGrown } from '../network/counted-faults.ts'
import { addGrowth, type Grown, tellGrown } from '../network/grown.ts'
import type { Claim, Finding, Rejection } from '../rule.ts'
import { asksElsewhere, citeLookups, clientsOf, lookupsOutside } from './clients.ts'
import { serverSaid } from './server-said.ts'

const COUNTER = 'linklocal_allowance_exceeded'

/** Packets a second that are worth a word: the burst within five minutes that the node monitoring agent of EKS tells of. */
const NOTABLE = 100 / 300

/** 169.254.169.253, or the second address of the VPC. */
const VPC_RESOLVER = /^(?:169\.254\.169\.253|\d{1,3}\.\d{1,3}\.\d{1,3}\.2)(?::53)?$/

/** What interfaces count of packets to link-local services above their limit, and what it means. */
export function linkLocal(incident: Incident): CountedSign {
  return { read, describe: (fault) => describe(incident, fault) }
}

/** What name servers say of a resolver of the VPC that does not answer. */
export function resolverTimeouts(incident: Incident): readonly Said[] {
  return serverSaid(incident, 'coredns-upstream-timeout').filter(({ values }) =>
    VPC_RESOLVER.test(values.upstream ?? ''),
  )
}

/** Whether it is known that nothing was dropped on a node while the capture ran. */
export function stoodStill(incident: Incident, node: string): boolean {
  const kernel = incident.kernel.of(node)
  return kernel !== undefined && read(kernel)?.delta === 0
}

function read(kernel: NodeKernel): Grown | undefined {
  return addGrowth(COUNTER, kernel.allowance(COUNTER))
}

function describe(incident: Incident, fault: CountedFault): Finding | Rejection {
  const { node, grown } = fault
  if (grown.perSecond < NOTABLE) return rejectGrown(fault, 'so few are asked again')
  const servers = clusterDns(incident).pods.filter((pod) => pod.node === node.name)
  const timeouts = resolverTimeouts(incident)
  const own = timeouts.filter(({ about }) => servers.some(({ ref }) => ref.name === about.name))
  const lookups = lookupsThrough(incident, node.name, servers)
  const affects = uniqueRefs([
    ...(lookups.length > 0 ? servers.map((pod) => pod.ref) : []),
    ...clientsOf(incident, lookups),
    ...askingMetadata(incident, node.name),
  ])
  return {
    ...weigh(incident, fault, {
      lookups: lookups.length,
      isSilent: own.length > 0 && isFelt(lookups),
      isFelt: affects.length > 0,
      isQuiet: areQuiet(incident, servers, own),
    }),
    subject: node,
    from: earliest(own.map(({ first }) => first)),
    says: `The node ${node.name} sends more to link-local services than its interface may: ${tellGrown(grown)}; ${count(servers.length, 'name server')} of the cluster run there.`,
    cites: atLeastOne([...grown.cites, ...own.slice(0, 1).map(({ citation }) => citation), ...citeLookups(lookups)]),
    affects,
  }
}

/** Name servers write down each question that their resolver does not answer (coredns/coredns, plugin/errors): those whose logs were read, and do not, had answers. */
function areQuiet(incident: Incident, servers: readonly Pod[], timeouts: readonly Said[]): boolean {
  return timeouts.length === 0 && servers.length > 0 && servers.every(({ ref }) => incident.logsOf(ref).length > 0)
}

/** Sure where names outside do not resolve and the resolver is silent for the name servers here, and for none where nothing is dropped. */
function weigh(
  incident: Incident,
  { alike }: CountedFault,
  { lookups, isSilent, isFelt, isQuiet }: { lookups: number; isSilent: boolean; isFelt: boolean; isQuiet: boolean },
): Pick<Finding, 'kind' | 'strength' | 'against'> {
  const against = [lookups === 0 ? alike : undefined, silentElsewhere(incident)].filter((claim) => claim !== undefined)
  const said = against.length > 0 ? { against } : {}
  if (!isFelt) return { kind: 'risk', strength: 'weak', ...said }
  if (lookups === 0 || isQuiet) return { kind: 'cause', strength: 'weak', ...said }
  return { kind: 'cause', strength: isSilent && against.length === 0 ? 'proof' : 'strong', ...said }
}

/** A lookup or two fail anywhere (judgement). */
const FEW_LOOKUPS = 5

/** Whether a client is not well, or more than a few lookups fail. */
function isFelt(lookups: readonly FailedLookup[]): boolean {
  return (
    lookups.some(({ pod }) => pod !== undefined && isFailing(pod)) ||
    lookups.reduce((sum, one) => sum + one.count, 0) >= FEW_LOOKUPS
  )
}

/** Names that are looked up through a node: outside names by its name servers, or whatever its pods ask the resolver of the VPC themselves. */
function lookupsThrough(incident: Incident, node: string, servers: readonly Pod[]): readonly FailedLookup[] {
  if (servers.length > 0) return lookupsOutside(incident)
  return failedLookups(incident).filter(
    ({ pod, how }) => pod?.node === node && how !== 'absent' && asksElsewhere(incident, pod),
  )
}

/** Pods on a node that ask instance metadata in vain: these packets count as well. */
function askingMetadata(incident: Incident, node: string) {
  const said = callersSaying(incident, 'imds-unreachable').flatMap((caller) => caller.said)
  return said.map(({ about }) => about).filter((about) => incident.podOf(about)?.node === node)
}

/** A name server whose resolver is silent although nothing is dropped on its node. */
function silentElsewhere(incident: Incident): Claim | undefined {
  const one = resolverTimeouts(incident).find(({ about }) => stoodStill(incident, incident.podOf(about)?.node ?? ''))
  return (
    one && {
      says: `The resolver does not answer ${one.about.name} either, and on its node ${COUNTER} did not grow.`,
      cites: [one.citation],
    }
  )
}
