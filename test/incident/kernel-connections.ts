import { summariseConnections } from '../../collectors/connection-summary.ts'

/** What the kernel counts of its table, of two samples: before and after; with one number, of one sample. */
export interface CountedTable {
  readonly count: readonly number[]
  readonly max?: number
  readonly drop?: readonly number[]
  readonly early_drop?: readonly number[]
  readonly insert_failed?: readonly number[]
  /** What this kernel calls the chains that were too long. */
  readonly chainlength?: readonly number[]
  /** Connections, as `connections()` gives them. */
  readonly entries?: readonly string[]
  /** Whether these are all of them, as they are unless it says otherwise. */
  readonly whole?: boolean
}

/** The columns of Linux since 5.15 (net/netfilter/nf_conntrack_standalone.c, ct_cpu_seq_show). */
const COLUMNS =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart'

/** The files of a node's table, of two processors. */
export function tableOf(node: string, table: CountedTable): Record<string, string> {
  const { count, max = 1000, entries, whole = true } = table
  const files = count.flatMap((value, sample) => [
    [
      `nodes/${node}/${sample}/conntrack/sysctl.txt`,
      `==> /proc/sys/net/netfilter/nf_conntrack_count <==\n${value}\n\n==> /proc/sys/net/netfilter/nf_conntrack_max <==\n${max}\n`,
    ],
    [
      `nodes/${node}/${sample}/conntrack/cpus.txt`,
      `${[COLUMNS, rowOf(table, value, sample), rowOf({ count }, value, sample)].join('\n')}\n`,
    ],
  ])
  return { ...Object.fromEntries(files), ...(entries ? connectionsOf(node, entries, whole) : {}) }
}

function rowOf(table: CountedTable, entries: number, sample: number): string {
  const counts: Record<string, number | undefined> = {
    entries,
    drop: table.drop?.[sample],
    early_drop: table.early_drop?.[sample],
    insert_failed: table.insert_failed?.[sample],
    chainlength: table.chainlength?.[sample],
  }
  const words = COLUMNS.split(/\s+/).map((name) => (counts[name] ?? 0).toString(16).padStart(8, '0'))
  return words.join(' ')
}

/** The summary of such entries. */
function connectionsOf(node: string, entries: readonly string[], whole: boolean): Record<string, string> {
  const summary = summariseConnections()
  for (const entry of entries) summary.add(entry)
  return { [`nodes/${node}/0/conntrack/connections.json`]: JSON.stringify(summary.finish(whole)) }
}

/** So many entries, as conntrack prints them: from an address, to a target, answered by an endpoint. */
export function connections(
  times: number,
  from: string,
  to: string,
  options: {
    endpoint?: string
    state?: string
    protocol?: 'tcp' | 'udp'
    unreplied?: boolean
    firstPort?: number
  } = {},
): readonly string[] {
  const { endpoint = to, state = 'ESTABLISHED', protocol = 'tcp', unreplied = false, firstPort = 32_768 } = options
  const [address, port] = to.split(':')
  const [answers, answersAt] = endpoint.split(':')
  return Array.from({ length: times }, (_, index) => {
    const own = firstPort + index
    const head = protocol === 'tcp' ? `tcp      6 100 ${state}` : 'udp      17 28'
    const flag = unreplied ? '[UNREPLIED] ' : ''
    return `${head} src=${from} dst=${address} sport=${own} dport=${port} ${flag}src=${answers} dst=${from} sport=${answersAt} dport=${own} mark=0 use=1`
  })
}
