import { type Citation, citeLine } from '../../incident/citation.ts'
import type { ContainerLog } from '../../incident/container-log.ts'
import type { Incident } from '../../incident/incident.ts'
import { parseQuantity, showBytes } from '../../incident/quantity.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { largestUserOf } from './measured.ts'

/** Who filled the disk of a node, as far as something tells it. */
export interface Filler {
  readonly workload: Ref
  readonly pods: readonly Ref[]
  /** Told when it was evicted; measured by the kubelet, while it still runs; or seen to log. */
  readonly how: 'usage' | 'measured' | 'log'
  readonly says: string
  readonly citation: Citation
}

/** Less than this fills no disk (judgement): the smallest root volumes are 20 GB, the kubelet acts at a tenth. */
const MUCH = 1024 ** 3

/** Less than this a container may write in passing, however near the disk is to its threshold (judgement). */
const SOME = 64 * 1024 ** 2

/** So much more than the next one uses: then it is the one, not the last straw. */
const DOMINANT = 2

/** A log that grows faster fills the 50 MiB that the kubelet keeps of it within minutes, and what collects it (judgement). */
const FLOOD = 256 * 1024

/** The workload that an eviction says to have used most, else the one of which the kubelet measured it, else the one whose log on the node grows like a flood. */
export function fillerOf(incident: Incident, node: string, evictions: readonly Said[]): Filler | undefined {
  return largestUser(incident, evictions) ?? measured(incident, node) ?? loudest(incident, node)
}

function measured(incident: Incident, node: string): Filler | undefined {
  const user = largestUserOf(incident, node, 'bytes')
  if (!user) return undefined
  const { workload, pods, amount, share, usage, citation } = user
  const says = `${usage.name} uses most of the ${showBytes(amount)} (${Math.round(share * 100)} %) that ${workload.name} uses of the disk of ${node}`
  return { workload, pods, how: 'measured', says, citation }
}

interface Used {
  readonly said: Said
  readonly bytes: number
}

function largestUser(incident: Incident, evictions: readonly Said[]): Filler | undefined {
  const [most, next] = usagesOf(incident, evictions)
  if (!most || !isEnough(most, evictions) || most.bytes < DOMINANT * (next?.bytes ?? 0)) return undefined
  const { about, values, citation } = most.said
  return {
    workload: incident.topOf(about),
    pods: [about],
    how: 'usage',
    says: `${about.name}/${values.container} used ${showBytes(most.bytes)} of ephemeral storage when it was evicted`,
    citation,
  }
}

/** Very much, or alone as much as the node lacked: without it the threshold would not have been met. */
function isEnough({ said: { text }, bytes }: Used, evictions: readonly Said[]): boolean {
  const { threshold, available } = evictions.find((one) => one.text === text)?.values ?? {}
  const lacked = (parseQuantity(threshold) ?? Number.NaN) - (parseQuantity(available) ?? Number.NaN)
  return bytes >= MUCH || (bytes >= SOME && bytes >= lacked)
}

/** The largest use of each workload, largest first. Only what an eviction for want of disk says is of disks. */
function usagesOf(incident: Incident, evictions: readonly Said[]): readonly Used[] {
  const evicted = new Set(evictions.map(placeOf))
  const largest = new Map<string, Used>()
  for (const said of incident.said('evicted-container-usage')) {
    const bytes = parseQuantity(said.values.usage) ?? 0
    const key = keyOf(incident.topOf(said.about))
    if (!evicted.has(placeOf(said)) || bytes <= (largest.get(key)?.bytes ?? 0)) continue
    largest.set(key, { said, bytes })
  }
  return [...largest.values()].sort((a, b) => b.bytes - a.bytes || (keyOf(a.said.about) < keyOf(b.said.about) ? -1 : 1))
}

/** One text of one object. */
function placeOf({ about, text }: Said): string {
  return `${keyOf(about)} ${text}`
}

function loudest(incident: Incident, node: string): Filler | undefined {
  const logs = incident
    .podsOn(node)
    .flatMap(({ ref }) => incident.logsOf(ref))
    .map((log) => ({ log, rate: rateOf(log) }))
    .filter(({ rate }) => rate >= FLOOD)
    .sort((a, b) => b.rate - a.rate || (a.log.summary.path < b.log.summary.path ? -1 : 1))
  const [first, second] = logs
  if (!first || first.rate < DOMINANT * (second?.rate ?? 0)) return undefined
  const { summary, namespace, pod, container } = first.log
  const ref: Ref = { kind: 'Pod', namespace, name: pod }
  const line = summary.tail[0] ?? summary.templates[0]?.example
  if (!line) return undefined
  return {
    workload: incident.topOf(ref),
    pods: [ref],
    how: 'log',
    says: `${pod}/${container} logs ${showBytes(first.rate)} a second`,
    citation: citeLine(summary.path, line.line, line.text.slice(0, 200)),
  }
}

/** Bytes a second, over what was captured of it. */
function rateOf({ summary: { bytes, first, last } }: ContainerLog): number {
  return first === undefined || last === undefined ? 0 : bytes / Math.max(1, (last - first) / 1000)
}
