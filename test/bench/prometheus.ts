import { CGROUP_COUNTERS, CGROUP_FIGURES, KUBELET_SERIES } from '../../src/incident/counters/names.ts'
import { createScanner } from '../../src/incident/prometheus/scan-samples.ts'
import { show } from './measure.ts'

/**
 * Reads made-up answers of a kubelet, as large as those of a full node, in the text format of Prometheus: our scanner, that keeps the names
 * that rules ask for, against the obvious reading (split into lines, a regular expression for the parts), in one run, taking turns.
 */
const CHUNK = 1024 * 1024
const ROUNDS = 15
const names: ReadonlySet<string> = new Set([...CGROUP_COUNTERS, ...CGROUP_FIGURES, ...KUBELET_SERIES])

for (const [what, text] of [
  ['cAdvisor', makeCadvisor(110)],
  ['kubelet', makeKubelet(60)],
] as const) {
  const body = Buffer.from(text)
  const [ours, naive]: [number[], number[]] = [[], []]
  for (let round = 0; round <= ROUNDS; round++) {
    const [fast, slow] = [time(body, readOurs), time(body, readNaively)]
    // The first round compiles.
    if (round === 0) continue
    ours.push(fast)
    naive.push(slow)
  }
  const ratios = ours.map((speed, index) => speed / (naive[index] ?? Number.NaN))
  console.log(
    `${what}, ${(body.length / 1e6).toFixed(1)} MB: ours ${show(ours, 0)} MB/s, naive ${show(naive, 0)} MB/s, ratio ${show(ratios, 1)}`,
  )
}

function time(body: Buffer, read: (body: Buffer) => number): number {
  const before = process.cpuUsage()
  const kept = read(body)
  // Processor time, the garbage collector's threads included: others on the machine do not count.
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  if (kept === 0) throw new Error('nothing was read')
  return body.length / 1e6 / seconds
}

function readOurs(body: Buffer): number {
  let kept = 0
  const scanner = createScanner(names, () => {
    kept++
  })
  for (let from = 0; from < body.length; from += CHUNK) scanner.push(body.subarray(from, from + CHUNK))
  scanner.end()
  return kept
}

function readNaively(body: Buffer): number {
  let kept = 0
  for (const line of body.toString('utf8').split('\n')) {
    const [, name = '', labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text])
    const sample = { name, labels: Object.fromEntries(pairs), value: Number(value) }
    if (names.has(sample.name)) kept++
  }
  return kept
}

/** 110 pods of two containers and a sandbox, each with the series that cAdvisor has of it. */
function makeCadvisor(pods: number): string {
  const families = [
    ...['cpu_cfs_periods_total', 'cpu_cfs_throttled_periods_total', 'cpu_cfs_throttled_seconds_total'],
    ...['cpu_usage_seconds_total', 'cpu_user_seconds_total', 'cpu_system_seconds_total', 'cpu_load_average_10s'],
    ...['memory_working_set_bytes', 'memory_cache', 'memory_rss', 'memory_failcnt', 'memory_usage_bytes'],
    ...['oom_events_total', 'processes', 'threads', 'threads_max', 'sockets', 'file_descriptors', 'last_seen'],
    ...['pressure_cpu_waiting_seconds_total', 'pressure_cpu_stalled_seconds_total', 'start_time_seconds'],
    ...['spec_cpu_quota', 'spec_cpu_period', 'spec_cpu_shares', 'spec_memory_limit_bytes'],
  ].map((name) => `container_${name}`)
  const many = ['container_tasks_state', 'container_memory_failures_total', 'container_fs_reads_total']
  const names = [...families, ...many.flatMap((name) => Array(5).fill(name) as string[])]
  const text: string[] = []
  for (const [index, name] of names.entries()) {
    text.push(`# HELP ${name} Something.`, `# TYPE ${name} counter`)
    for (let pod = 0; pod < pods; pod++)
      for (const container of ['', 'POD', 'app', 'proxy']) text.push(sampleOf(name, index, pod, container))
  }
  return `${text.join('\n')}\n`
}

function sampleOf(name: string, index: number, pod: number, container: string): string {
  const id = (pod * 7919 + container.length).toString(16).padStart(64, 'e')
  const uid = `0f1e2d3c_4b5a_6978_8796_${pod.toString(16).padStart(12, '0')}`
  const path = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid}.slice/cri-containerd-${id}.scope`
  const image = container === '' ? '' : `registry.example/team/${container}@sha256:${id}`
  return `${name}{container="${container}",id="${path}",image="${image}",name="${id}",namespace="shop",pod="web-${pod}",n="${index}"} ${pod * 17.25} 1700000000${100 + pod}`
}

/** Histograms of what the kubelet does: many short lines, few of which anybody asks for. */
function makeKubelet(thousands: number): string {
  const text: string[] = []
  for (let family = 0; family < thousands * 10; family++) {
    const name =
      family % 20 === 0 ? 'kubelet_runtime_operations_errors_total' : `kubelet_some_duration_${family}_seconds`
    text.push(`# TYPE ${name} histogram`)
    for (let bucket = 0; bucket < 100; bucket++)
      text.push(`${name}_bucket{operation_type="op_${bucket % 9}",le="${bucket / 10}"} ${bucket * 13}`)
    text.push(`${name}{operation_type="all"} 3`)
  }
  return `${text.join('\n')}\n`
}
