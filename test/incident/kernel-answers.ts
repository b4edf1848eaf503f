/** What the kernel of a node counts, as far as a test asks: one value for each sample. */
export interface CountedNode {
  readonly fulls?: readonly number[]
  readonly entries?: number
  readonly threshold?: number
  /** Of the IPv6 table. */
  readonly fulls6?: readonly number[]
  readonly overflows?: readonly number[]
  /** Segments sent, and sent again. */
  readonly sent?: readonly number[]
  readonly repeated?: readonly number[]
  /** The same of the first of the pods. */
  readonly sentByPod?: readonly number[]
  readonly repeatedByPod?: readonly number[]
  /** Of pods by their uid: connections that the kernel turned away. */
  readonly pods?: Readonly<Record<string, readonly number[]>>
  /** Of `eth0`, by names of the ENA driver without `_allowance_exceeded`; `available` is what is left of tracked connections. */
  readonly ena?: Readonly<Record<string, readonly number[]>>
  readonly driver?: string
  /** Another id is another start of the machine. */
  readonly boots?: readonly string[]
}

const BOOT = '0b000000-0000-4000-8000-000000000000'

/** Files of two samples, or of one, of what a probe reads of a node's network, 30 s apart. */
export function kernelOf(node: string, counted: CountedNode): Record<string, string> {
  const { pods = {}, ena = {}, boots = [], ...own } = counted
  const series = [...Object.values(own), ...Object.values(pods), ...Object.values(ena)].filter((one) =>
    Array.isArray(one),
  )
  const samples = Math.max(...series.map((one) => one.length))
  return Object.fromEntries(
    Array.from({ length: samples }, (_, at) => {
      const files = { ...networkOf(counted, at), ...enaOf(counted, at) }
      const commands = Object.keys(files).map((path) => `${path.split('/')[1]}\t0\t9\t${1000 + at * 30}.00\t\n`)
      const clock = { 'kernel-network/commands.tsv': `# boot_id ${boots[at] ?? BOOT}\n${commands.join('')}` }
      return Object.entries({ ...files, ...clock }).map(
        ([path, text]) => [`nodes/${node}/${at}/${path}`, text] as const,
      )
    }).flat(),
  )
}

function networkOf(counted: CountedNode, at: number): Record<string, string> {
  const { fulls = [0, 0], fulls6 = [0, 0], entries = 40, threshold = 1024, pods = {} } = counted
  const cache = (name: string, value: number) =>
    `==> /proc/net/stat/${name} <==\nentries  allocs   table_fulls\n${hex(entries)} 00000001 ${hex(value)}\n${hex(entries)} 00000002 00000000\n`
  const setting = (path: string, value: number) => `==> /proc/sys/net/${path} <==\n${value}\n`
  return {
    'kernel-network/snmp.txt': snmp(counted.sent?.[at] ?? 0, counted.repeated?.[at] ?? 0),
    'kernel-network/netstat.txt': netstat(counted.overflows?.[at] ?? 0),
    'kernel-network/neighbour-cache.txt': `${cache('arp_cache', fulls[at] ?? 0)}\n${cache('ndisc_cache', fulls6[at] ?? 0)}`,
    'kernel-network/sysctl.txt': `${setting('ipv4/neigh/default/gc_thresh3', threshold)}\n${setting('ipv6/neigh/default/gc_thresh3', threshold)}\n${setting('core/somaxconn', 128)}`,
    'kernel-network/pods.tsv': Object.keys(pods)
      .map((uid, index) => `${100 + index}\t${cgroupOf(uid)}\n`)
      .join(''),
    'kernel-network/pods.txt': Object.values(pods)
      .map((values, index) => {
        const own = index === 0 ? snmp(counted.sentByPod?.[at] ?? 0, counted.repeatedByPod?.[at] ?? 0) : snmp(0, 0)
        const head = (name: string) => `==> /proc/${100 + index}/net/${name} <==\n`
        return `${head('snmp')}${own}\n${head('netstat')}${netstat(values[at] ?? 0)}`
      })
      .join('\n'),
  }
}

/** Where the first process of a pod's container is listed. */
export function cgroupOf(uid: string): string {
  return `/kubepods/burstable/pod${uid}/${'c0ffee00'.repeat(8)}/cgroup.procs`
}

function enaOf({ ena, driver = 'ena' }: CountedNode, at: number): Record<string, string> {
  if (ena === undefined) return {}
  const lines = Object.entries(ena).map(([name, values]) =>
    name === 'available'
      ? `     conntrack_allowance_available: ${values[at]}\n`
      : `     ${name}_allowance_exceeded: ${values[at]}\n`,
  )
  return {
    'ena/eth0.statistics.txt': `NIC statistics:\n     tx_timeout: 0\n${lines.join('')}     queue_0_tx_cnt: 5\n`,
    'ena/eth0.driver.txt': `driver: ${driver}\nversion: 1.0\n`,
  }
}

function snmp(sent: number, repeated: number): string {
  return `Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm MaxConn OutSegs RetransSegs InErrs\nTcp: 1 -1 ${sent} ${repeated} 0\n`
}

function netstat(overflows: number): string {
  return `TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 ${overflows} ${overflows}\nIpExt: InNoRoutes\nIpExt: 0\n`
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
