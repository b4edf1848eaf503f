/** How the files of a node are laid out: by the version of its cgroups, and by who names them. */
export interface Layout {
  readonly version: 1 | 2
  readonly driver: 'systemd' | 'cgroupfs'
}

/** What one cgroup counted, of each sample. */
export interface CgroupOfPod {
  readonly podUid: string
  /** None for the cgroup around the pod. */
  readonly containerId?: string
  /** By file: what stands in it in each sample. */
  readonly files: Readonly<Record<string, readonly string[]>>
}

export const UID = '11716aa1-3ce5-4c60-b661-1ac20ca8c5a0'
export const ID = 'fabecfe2b4597400e575e39d8d8d1cf76256202680742a2edfc898cd512613eb'

/** The path of a cgroup below its hierarchy, as kubelet and containerd name it. */
export function cgroupPath({ driver }: Layout, podUid: string, containerId?: string): string {
  if (driver === 'cgroupfs') return `kubepods/burstable/pod${podUid}${containerId ? `/${containerId}` : ''}`
  const pod = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${podUid.replaceAll('-', '_')}.slice`
  return containerId ? `${pod}/cri-containerd-${containerId}.scope` : pod
}

/** The hierarchy of v1 that a file is in. */
function hierarchyOf(file: string): string {
  if (file.startsWith('pids')) return 'pids/'
  return file.startsWith('memory') ? 'memory/' : 'cpu,cpuacct/'
}

/** Seconds since the boot at which a batch was run, by sample. */
const READ_AT = [5000.25, 5030.25]

export interface BatchOptions {
  readonly boots?: readonly string[]
  readonly readAt?: readonly number[]
}

const BOOT = '0f5cf2a4-6a4d-4c4c-8e0e-5b7f8f4f6f10'

/** `commands.tsv` of a group of a batch. */
export function commands(
  sample: number,
  names: readonly string[],
  { boots, readAt = READ_AT }: BatchOptions = {},
): string {
  const rows = names.map((name) => `${name}\t0\t1000\t${readAt[sample]?.toFixed(2)}\t\n`)
  return `# boot_id ${boots?.[sample] ?? BOOT}\n${rows.join('')}`
}

/** The files of cgroups of a node in each sample, as the batch of a probe writes them. */
export function cgroupFiles(
  node: string,
  layout: Layout,
  cgroups: readonly CgroupOfPod[],
  options: BatchOptions = {},
): Record<string, string> {
  const samples = Math.max(...cgroups.flatMap(({ files }) => Object.values(files).map((one) => one.length)))
  const entries = Array.from({ length: samples }, (_, sample) => {
    const parts = cgroups.flatMap(({ podUid, containerId, files }) =>
      Object.entries(files).flatMap(([file, texts]) => {
        const root = `/host/sys/fs/cgroup/${layout.version === 1 ? hierarchyOf(file) : ''}`
        const text = texts[sample]
        return text === undefined ? [] : `==> ${root}${cgroupPath(layout, podUid, containerId)}/${file} <==\n${text}\n`
      }),
    )
    const folder = `nodes/${node}/${sample}/throttling`
    return [
      [`${folder}/cgroups.txt`, `${parts.join('\n')}\n`],
      [`${folder}/commands.tsv`, commands(sample, ['cgroups.txt'], options)],
    ] as const
  })
  return Object.fromEntries(entries.flat())
}

/** `cpu.stat` and the quota of a container in each sample: so many periods, so many of them throttled, 80 ms each. */
export function throttledCgroup(
  { version }: Layout,
  periods: readonly number[],
  held: readonly number[],
  owner: Pick<CgroupOfPod, 'podUid' | 'containerId'> = { podUid: UID, containerId: ID },
): CgroupOfPod {
  const stat = periods.map((count, sample) => {
    const stood = (held[sample] ?? 0) * 80_000
    const counted = `nr_periods ${count}\nnr_throttled ${held[sample]}`
    if (version === 1) return `${counted}\nthrottled_time ${stood * 1000}`
    const usage = count * 5000
    return `usage_usec ${usage}\nuser_usec ${usage}\nsystem_usec 0\n${counted}\nthrottled_usec ${stood}\nnr_bursts 0\nburst_usec 0`
  })
  const quota: Record<string, readonly string[]> =
    version === 2
      ? { 'cpu.max': periods.map(() => '5000 100000') }
      : { 'cpu.cfs_period_us': periods.map(() => '100000'), 'cpu.cfs_quota_us': periods.map(() => '5000') }
  return { ...owner, files: { ...quota, 'cpu.stat': stat } }
}

/** The files of a whole machine in each sample. */
export interface MachineFiles {
  /** Ticks of all processors: user, nice, system, idle, iowait, irq, softirq, steal. */
  readonly ticks?: readonly (readonly number[])[]
  /** Percent of the last minute in which some task waited. */
  readonly waiting?: readonly number[]
  /** What they wait for; a processor unless this says otherwise. */
  readonly resource?: 'cpu' | 'memory' | 'io'
  readonly running?: number
  readonly processors?: number
}

/** `pressure.txt` and `stat.txt` of a node, as the batch of a probe writes them. */
export function machineFiles(
  node: string,
  { ticks = [], waiting = [], resource = 'cpu', running = 1, processors = 4 }: MachineFiles,
  options: BatchOptions = {},
): Record<string, string> {
  const samples = Math.max(ticks.length, waiting.length)
  const entries = Array.from({ length: samples }, (_, sample) => {
    const folder = `nodes/${node}/${sample}/throttling`
    const avg = (waiting[sample] ?? 0).toFixed(2)
    const some = `some avg10=${avg} avg60=${avg} avg300=${avg} total=${1_000_000 * (sample + 1)}`
    const none = 'full avg10=0.00 avg60=0.00 avg300=0.00 total=0'
    const line = (name: string) => `${name} ${(ticks[sample] ?? []).join(' ')} 0 0\n`
    const own = Array.from({ length: processors }, (_, index) => line(`cpu${index}`)).join('')
    const stat = `${line('cpu ')}${own}intr 1\nctxt 1\nbtime 1769900000\nprocesses 1\nprocs_running ${running}\nprocs_blocked 0\n`
    return [
      [`${folder}/commands.tsv`, commands(sample, ['pressure.txt', 'stat.txt'], options)],
      ...(waiting.length > 0
        ? [[`${folder}/pressure.txt`, `==> /proc/pressure/${resource} <==\n${some}\n${none}\n`] as const]
        : []),
      ...(ticks.length > 0 ? [[`${folder}/stat.txt`, stat] as const] : []),
    ] as const
  })
  return Object.fromEntries(entries.flat())
}
