/** Different targets, sources and pairs that are counted one by one; what comes when there are so many is counted together. */
const MOST_KEYS = 20_000

/** Endpoints of one target that are counted one by one. */
const MOST_ENDPOINTS = 64

/** Entries of each list of the summary. */
const LISTED = 100

/** What a table of connections sums up to; its addresses are those of the table. */
export interface ConnectionSummary {
  /** Entries that were read. */
  readonly entries: number
  /** Whether that is the whole table. Entries come in the order of a hash of their addresses and ports: a part is a fair sample. */
  readonly whole: boolean
  /** Lines that are no entries. */
  readonly unread: number
  readonly protocols: Readonly<Record<string, Counts & { readonly states: Readonly<Record<string, number>> }>>
  /** Where connections were opened to (a Service's address, where it is one), with the endpoints that got them: the most used, and those that most often do not answer. */
  readonly targets: readonly Target[]
  /** Who opened the most of them. */
  readonly sources: readonly (Counts & { readonly source: string })[]
  /** Who opened the most of them to one target: their ports may run out. */
  readonly pairs: readonly (Counts & { readonly source: string; readonly target: string })[]
  /** Different ones that were counted, of which only the first are listed; entries of those beyond what is counted one by one. */
  readonly counted: { readonly targets: number; readonly sources: number; readonly pairs: number }
  readonly uncounted: { readonly targets: number; readonly sources: number; readonly pairs: number }
}

/** So many entries; of these, those whose first packet was never answered. */
export interface Counts {
  readonly entries: number
  readonly unreplied: number
}

/** What connections were opened to. */
export interface Target extends Counts {
  readonly protocol: string
  readonly address: string
  /** Null for protocols without ports. */
  readonly port: number | null
  readonly states: Readonly<Record<string, number>>
  /** Who answers for it: other addresses than its own where it is a Service's. */
  readonly endpoints: readonly { readonly address: string; readonly port: number | null; readonly entries: number }[]
  /** Entries of endpoints beyond those. */
  readonly otherEndpoints: number
}

/** One entry of the table. */
interface Entry {
  readonly protocol: string
  readonly state: string
  readonly replied: boolean
  readonly source: string
  readonly address: string
  readonly port: string
  readonly endpoint: string
  readonly endpointPort: string
}

interface Tally {
  entries: number
  unreplied: number
}

interface TargetTally extends Tally {
  readonly first: Entry
  readonly states: Record<string, number>
  readonly endpoints: Map<string, number>
  otherEndpoints: number
}

/** Sums up a table of connections, line by line, in memory that does not grow with it. */
export function summariseConnections() {
  const protocols: Record<string, Tally & { states: Record<string, number> }> = {}
  const targets = createCounter<TargetTally>()
  const sources = createCounter<Tally>()
  const pairs = createCounter<Tally>()
  let entries = 0
  let unread = 0

  function add(line: string): void {
    const entry = readEntry(line)
    if (!entry) {
      unread++
      return
    }
    entries++
    const target = `${entry.protocol} ${entry.address} ${entry.port}`
    protocols[entry.protocol] ??= { ...EMPTY, states: {} }
    const protocol = protocols[entry.protocol]
    if (protocol) addTo(protocol, entry)
    if (protocol) addState(protocol.states, entry)
    addTo(
      sources.of(entry.source, () => ({ ...EMPTY })),
      entry,
    )
    addTo(
      pairs.of(`${entry.source} ${target}`, () => ({ ...EMPTY })),
      entry,
    )
    addTarget(
      targets.of(target, () => newTarget(entry)),
      entry,
    )
  }

  return {
    add,
    finish(whole: boolean): ConnectionSummary {
      return {
        entries,
        whole,
        unread,
        protocols,
        targets: mostAndMute(targets.all()).map(([, tally]) => describeTarget(tally)),
        sources: most(sources.all()).map(([source, tally]) => ({ source, ...tally })),
        pairs: most(pairs.all()).map(([key, tally]) => {
          const [source = '', ...target] = key.split(' ')
          return { source, target: target.join(' ').trim(), ...tally }
        }),
        counted: { targets: targets.size(), sources: sources.size(), pairs: pairs.size() },
        uncounted: { targets: targets.beyond(), sources: sources.beyond(), pairs: pairs.beyond() },
      }
    },
  }
}

const EMPTY: Readonly<Tally> = { entries: 0, unreplied: 0 }

function addTo(tally: Tally | undefined, { replied }: Entry): void {
  if (!tally) return
  tally.entries++
  if (!replied) tally.unreplied++
}

function addState(states: Record<string, number>, { state }: Entry): void {
  states[state] = (states[state] ?? 0) + 1
}

function newTarget(first: Entry): TargetTally {
  return { ...EMPTY, first, states: {}, endpoints: new Map(), otherEndpoints: 0 }
}

function addTarget(tally: TargetTally | undefined, entry: Entry): void {
  if (!tally) return
  addTo(tally, entry)
  addState(tally.states, entry)
  const key = `${entry.endpoint} ${entry.endpointPort}`
  const known = tally.endpoints.get(key)
  if (known === undefined && tally.endpoints.size >= MOST_ENDPOINTS) tally.otherEndpoints++
  else tally.endpoints.set(key, (known ?? 0) + 1)
}

/** Counts by key, up to a number of keys; which ones come first is chance, and a frequent one comes early. */
function createCounter<T extends Tally>() {
  const tallies = new Map<string, T>()
  let beyond = 0
  return {
    of(key: string, create: () => T): T | undefined {
      const known = tallies.get(key)
      if (known) return known
      if (tallies.size >= MOST_KEYS) {
        beyond++
        return undefined
      }
      const made = create()
      tallies.set(key, made)
      return made
    },
    all: () => [...tallies],
    size: () => tallies.size,
    beyond: () => beyond,
  }
}

function most<T extends Tally>(tallies: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return tallies.toSorted(([a, one], [b, other]) => other.entries - one.entries || (a < b ? -1 : 1)).slice(0, LISTED)
}

function mostAndMute<T extends Tally>(tallies: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  const mute = tallies
    .filter(([, { unreplied }]) => unreplied > 0)
    .toSorted(([, a], [, b]) => b.unreplied - a.unreplied)
  return [...new Set([...most(tallies), ...mute.slice(0, LISTED / 2)])]
}

function describeTarget({ first, states, endpoints, otherEndpoints, entries, unreplied }: TargetTally): Target {
  const list = [...endpoints].map(([key, count]) => {
    const [address = '', port = ''] = key.split(' ')
    return { address, port: toPort(port), entries: count }
  })
  return {
    protocol: first.protocol,
    address: first.address,
    port: toPort(first.port),
    entries,
    unreplied,
    states,
    endpoints: list.sort((a, b) => b.entries - a.entries),
    otherEndpoints,
  }
}

function toPort(text: string): number | null {
  return text === '' ? null : Number(text)
}

/**
 * Reads a line as conntrack(8) and /proc/net/nf_conntrack print it (net/netfilter/nf_conntrack_standalone.c, libnetfilter_conntrack,
 * src/conntrack/snprintf_default.c): [family and number,] protocol, number, [timeout, state,] the tuple of the first packet, that of the
 * answer, and flags in brackets before, between and after them.
 */
function readEntry(line: string): Entry | undefined {
  const words = line.split(' ').filter((word) => word !== '')
  const begin = /^ipv[46]$/.test(words[0] ?? '') ? 2 : 0
  const protocol = words[begin]
  const tuples: Record<string, string>[] = []
  let state = ''
  let replied = true
  for (const word of words.slice(begin + 2)) {
    const at = word.indexOf('=')
    if (word === '[UNREPLIED]') replied = false
    else if (at > 0) addWord(tuples, word.slice(0, at), word.slice(at + 1))
    else if (tuples.length === 0 && /^[A-Z_]+\d?$/.test(word)) state = word
  }
  const [first, answer] = tuples
  if (protocol === undefined || !first?.src || !first.dst || !answer?.src) return undefined
  return {
    protocol,
    state: state || 'none',
    replied,
    source: first.src,
    address: first.dst,
    port: first.dport ?? '',
    endpoint: answer.src,
    endpointPort: answer.sport ?? '',
  }
}

/** Each tuple begins with its source; what follows the second is of the connection as a whole. */
function addWord(tuples: Record<string, string>[], name: string, value: string): void {
  if (name === 'src') tuples.push({ src: value })
  const last = tuples.at(-1)
  if (last && /^(dst|sport|dport)$/.test(name) && !(name in last)) last[name] = value
}
