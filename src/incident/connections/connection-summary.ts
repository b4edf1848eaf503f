import type { BundleReader } from '../../bundle/reader.ts'
import { readJson } from '../bundle-file.ts'
import { type Citation, pointerOf } from '../citation.ts'
import { isTrueAt, listAt, numberAt, recordAt, textAt } from '../kubernetes.ts'
import { shortAddress } from './short-address.ts'

/** What a node's table of connections sums up to (collectors/connection-summary.ts). */
export interface ConnectionSummary {
  readonly file: string
  readonly entries: number
  /** Whether the whole table was read; a part is a fair sample of it. */
  readonly whole: boolean
  /** Where connections were opened to. Those that are most used, and those that most often do not answer: there may be others. */
  readonly targets: readonly Target[]
  /** The most entries that a target may have which is not in the list; nought where all are. */
  readonly mostUnlisted: number
  /** Who opened the most. */
  readonly sources: readonly Source[]
  /** Who opened the most to one target. */
  readonly pairs: readonly Pair[]
  /** Whether every pair of the table is in the list. */
  readonly listsAllPairs: boolean
}

/** Some entries of the table. */
export interface Entries {
  readonly entries: number
  /** Where in the summary their number stands (RFC 6901). */
  readonly pointer: string
}

/** What connections were opened to. */
export interface Target extends Entries {
  /** `tcp`, `udp`, `icmp`: as conntrack names it. */
  readonly protocol: string
  readonly address: string
  readonly port: number | undefined
  /** Of its entries, those whose first packet was not answered. */
  readonly unreplied: number
  /** Of these, those of TCP that are open. */
  readonly established: number
  readonly waiting: number
  /** Who answers for it. */
  readonly endpoints: readonly TargetEndpoint[]
  readonly otherEndpoints: number
}

export interface TargetEndpoint extends Entries {
  readonly address: string
  readonly port: number | undefined
}

export interface Source extends Entries {
  readonly address: string
  readonly unreplied: number
}

/** What one source opened to one target. */
export interface Pair extends Source {
  readonly protocol: string
  readonly target: string
  readonly port: number | undefined
}

/** The collector lists some hundreds of each: a file of more is no summary of ours. */
const LONGEST_FILE = 16 * 1024 * 1024
const MOST_LISTED = 1000

/** The most used targets come first, so many of them; behind them those that most often do not answer. */
const MOST_USED = 100

/** Cites how many entries these are. */
export function citeEntries({ file }: Pick<ConnectionSummary, 'file'>, { pointer, entries }: Entries): Citation {
  return { file, pointer, words: String(entries) }
}

/** Reads the summary of a table; undefined where there is none. */
export async function readSummary(bundle: BundleReader, file: string): Promise<ConnectionSummary | undefined> {
  const json = await readJson(bundle, file, LONGEST_FILE)
  const entries = countAt(json, 'entries')
  if (entries === undefined) return undefined
  const pairs = read(json, 'pairs', readPair)
  const targets = read(json, 'targets', readTarget)
  const listsAll = (name: 'pairs' | 'targets', listed: readonly unknown[]): boolean =>
    countAt(json, 'counted', name) === listed.length && countAt(json, 'uncounted', name) === 0
  return {
    file,
    entries,
    whole: isTrueAt(json, 'whole'),
    targets,
    mostUnlisted: listsAll('targets', targets) ? 0 : (targets[MOST_USED - 1]?.entries ?? 0),
    sources: read(json, 'sources', readSource),
    pairs,
    listsAllPairs: listsAll('pairs', pairs),
  }
}

function read<T>(json: unknown, name: string, one: (value: unknown, path: Path) => T | undefined): readonly T[] {
  return listAt(json, name)
    .slice(0, MOST_LISTED)
    .flatMap((value, index) => one(value, [name, index]) ?? [])
}

type Path = readonly (string | number)[]

function readTarget(value: unknown, path: Path): Target | undefined {
  const [protocol, address] = [textAt(value, 'protocol'), shortAddress(textAt(value, 'address'))]
  const entries = countAt(value, 'entries')
  if (entries === undefined || protocol === '' || address === '') return undefined
  const states = recordAt(value, 'states')
  return {
    protocol,
    address,
    port: portOf(numberAt(value, 'port')),
    entries,
    unreplied: countAt(value, 'unreplied') ?? 0,
    established: countAt(states, 'ESTABLISHED') ?? 0,
    waiting: countAt(states, 'TIME_WAIT') ?? 0,
    endpoints: listAt(value, 'endpoints')
      .slice(0, MOST_LISTED)
      .flatMap((one, at) => readEndpoint(one, [...path, 'endpoints', at]) ?? []),
    otherEndpoints: countAt(value, 'otherEndpoints') ?? 0,
    pointer: pointerTo(path),
  }
}

function readEndpoint(value: unknown, path: Path): TargetEndpoint | undefined {
  const address = shortAddress(textAt(value, 'address'))
  const entries = countAt(value, 'entries')
  if (entries === undefined || address === '') return undefined
  return { address, port: portOf(numberAt(value, 'port')), entries, pointer: pointerTo(path) }
}

function readSource(value: unknown, path: Path): Source | undefined {
  const address = shortAddress(textAt(value, 'source'))
  const entries = countAt(value, 'entries')
  if (entries === undefined || address === '') return undefined
  return {
    address,
    entries,
    unreplied: countAt(value, 'unreplied') ?? 0,
    pointer: pointerTo(path),
  }
}

/** The target of a pair is `tcp 10.96.0.9 80`, without the port for protocols that have none. */
function readPair(value: unknown, path: Path): Pair | undefined {
  const source = readSource(value, path)
  const [protocol = '', target = '', port] = textAt(value, 'target').split(' ')
  if (!source || protocol === '' || target === '') return undefined
  return {
    ...source,
    protocol,
    target: shortAddress(target),
    port: portOf(port === undefined ? undefined : Number(port)),
  }
}

function portOf(port: number | undefined): number | undefined {
  return port !== undefined && Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined
}

/** A number of entries; undefined for what can be none. */
function countAt(value: unknown, ...path: Path): number | undefined {
  const count = numberAt(value, ...path)
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}

function pointerTo(path: Path): string {
  return pointerOf([...path, 'entries'])
}
