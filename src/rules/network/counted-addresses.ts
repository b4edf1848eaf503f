import type { Citation } from '../../incident/citation.ts'
import type { CniNode } from '../../incident/cni/cni.ts'
import type { CniSeries } from '../../incident/cni/names.ts'
import { citeGrowth, citeReading, type Reading } from '../../incident/counters/reading.ts'
import type { Series } from '../../incident/counters/series.ts'
import { citeFigure } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { count } from '../../incident/telling.ts'
import { unnetworkedOn } from './unnetworked.ts'

/** A node on which pods wait for an address, while its agent counts why. */
export interface CountedShortage {
  readonly node: string
  readonly pods: readonly Pod[]
  /** Whether EC2 refused it between the samples; else it did before, and pods were sent away between them. */
  readonly isNow: boolean
  readonly says: string
  readonly cites: readonly Citation[]
}

/**
 * What EC2 answers to who asks for an address or an interface, by its codes (docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html),
 * and the calls in which they matter.
 */
export const REFUSALS = {
  full: { codes: ['InsufficientFreeAddressesInSubnet'], isOfAnyCall: false },
  fragmented: { codes: ['InsufficientCidrBlocks'], isOfAnyCall: false },
  limited: {
    codes: ['AttachmentLimitExceeded', 'NetworkInterfaceLimitExceeded', 'UnauthorizedOperation', 'AccessDenied'],
    isOfAnyCall: false,
  },
  throttled: {
    codes: ['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'EC2ThrottledException', 'RequestThrottled'],
    isOfAnyCall: true,
  },
} satisfies Record<string, { codes: readonly string[]; isOfAnyCall: boolean }>

export type RefusalKind = keyof typeof REFUSALS

/** Calls that bring addresses; without tags and descriptions the agent goes on (aws/amazon-vpc-cni-k8s v1.23, pkg/awsutils/awsutils.go, awsAPIErrInc). */
const BRINGING = [
  'AssignPrivateIpAddresses',
  'AssignIpv6Addresses',
  'CreateNetworkInterface',
  'AttachNetworkInterface',
  'waitENIAttachedFailedToAssignIPs',
]

/**
 * Nodes whose agent EC2 refuses so while it has no address for pods that wait there. It asks again two minutes after it was refused for want of addresses
 * (pkg/ipamd/ipamd.go, insufficientCidrErrorCooldown): between samples of half a minute that need not be counted, so that a refusal since it
 * started counts as well where it sends pods away now, has no other reason to, and could hold more.
 */
export function countedShortages(incident: Incident, kind: RefusalKind): readonly CountedShortage[] {
  return incident.cni.nodes.flatMap((node) => {
    const pods = unnetworkedOn(incident, node.node)
    const refused = pods.length > 0 ? refusalsOf(node, kind) : []
    const grown = refused.filter(({ growth }) => growth !== undefined && growth.delta > 0)
    if (grown.length > 0 && (sentAway(node) || isUsedUp(node))) return [describe(node, pods, grown, true)]
    const isLeft =
      refused.length > 0 &&
      kind !== 'throttled' &&
      sentAway(node) &&
      isUsedUp(node) &&
      !isAtLimit(node) &&
      !hasOthers(node, kind)
    return isLeft ? [describe(node, pods, refused, false)] : []
  })
}

/** A node whose interfaces are as many as it may have, with as many addresses as they take, while it sends pods away; undefined for any other. */
export function nodeAtLimit(incident: Incident, name: string): CountedShortage | undefined {
  const node = incident.cni.of(name)
  const pods = unnetworkedOn(incident, name)
  if (!node || pods.length === 0 || !sentAway(node) || !isAtLimit(node)) return undefined
  const [enis, addresses] = [lastOf(node, 'awscni_eni_allocated'), lastOf(node, 'awscni_total_ip_addresses')]
  if (!enis || !addresses) return undefined
  return {
    node: name,
    pods,
    isNow: true,
    says: `${name} has all ${enis.value} interfaces that it may have, with ${addresses.value} addresses`,
    cites: [enis, addresses, lastOf(node, 'awscni_eni_max')].filter((one) => one !== undefined).map(citeReading),
  }
}

/** Whether the agent of a node refused pods for want of an address between the samples. */
function sentAway({ counters }: CniNode): boolean {
  const [counted] = counters.series('awscni_no_available_ip_addresses')
  return (counted?.growth?.delta ?? 0) > 0
}

/** Whether EC2 refused the agent for anything else between the samples. */
function hasOthers(node: CniNode, kind: RefusalKind): boolean {
  return (Object.keys(REFUSALS) as RefusalKind[]).some(
    (other) => other !== kind && refusalsOf(node, other).some(({ growth }) => (growth?.delta ?? 0) > 0),
  )
}

function refusalsOf({ counters }: CniNode, kind: RefusalKind): readonly Series[] {
  const { codes, isOfAnyCall } = REFUSALS[kind]
  return counters
    .series('awscni_aws_api_error_count')
    .filter(
      ({ labels: { api = '', error = '' }, last }) =>
        last.value > 0 && codes.includes(error) && (isOfAnyCall || BRINGING.includes(api)),
    )
}

/** Every address that the agent holds is a pod's: none is about to be free again. */
function isUsedUp(node: CniNode): boolean {
  const [total, assigned] = holdings(node)
  return total !== undefined && assigned !== undefined && assigned >= total
}

function isAtLimit(node: CniNode): boolean {
  // The figures are of one network card, the last that changed.
  if (node.pools.length > 1) return false
  const value = (name: CniSeries): number => lastOf(node, name)?.value ?? Number.NaN
  const most = value('awscni_eni_max')
  return (
    most > 0 && value('awscni_eni_allocated') >= most && value('awscni_total_ip_addresses') >= value('awscni_ip_max')
  )
}

/** Addresses held and given away, of all network cards. */
function holdings(node: CniNode): readonly [total: number | undefined, assigned: number | undefined] {
  const { pools } = node
  if (pools.length > 0) return [sum(pools.map(({ total }) => total.value)), sum(pools.map((one) => one.assigned.value))]
  return [lastOf(node, 'awscni_total_ip_addresses')?.value, lastOf(node, 'awscni_assigned_ip_addresses')?.value]
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

function lastOf({ counters }: CniNode, name: CniSeries): Reading | undefined {
  return counters.series(name)[0]?.last
}

function describe(node: CniNode, pods: readonly Pod[], refused: readonly Series[], isNow: boolean): CountedShortage {
  const times = sum(refused.map(({ last, growth }) => (isNow ? (growth?.delta ?? 0) : last.value)))
  const seconds = refused[0]?.growth?.seconds
  const when = isNow && seconds !== undefined ? `within ${Math.round(seconds)} s` : 'since it started'
  const codes = [...new Set(refused.map(({ labels }) => labels.error ?? ''))].sort()
  const [pool] = node.pools
  return {
    node: node.node,
    pods,
    isNow,
    says: `EC2 refused ${count(times, 'request')} of the agent on ${node.node} ${when} (${codes.join(', ')})`,
    cites: [
      ...refused
        .slice(0, 2)
        .flatMap(({ last, growth }) => (isNow && growth ? citeGrowth(growth) : [citeReading(last)])),
      ...(pool ? [citeFigure(pool.assigned), citeFigure(pool.total)] : []),
    ],
  }
}
