/** Where the clocks of made answers begin: 2026-02-01T11:59:00Z. */
const FIRST_SAMPLE = 1_769_947_140_000

/** What cAdvisor says of one container, as far as a test asks: `name` and value of each series, of the first sample and of the second. */
export interface CountedContainer {
  readonly pod: string
  readonly container?: string
  /** By the short name, `cpu_cfs_periods_total`: before and after; only one where there is one sample. */
  readonly series: Readonly<Record<string, readonly number[]>>
  readonly namespace?: string
  /** Another id is another life of the container. */
  readonly id?: string | readonly string[]
  readonly started?: number | readonly number[]
  /** Seconds between the times of the series; none has the times of one reading. */
  readonly seconds?: number | 'no times'
}

/** Files of two samples of `/metrics/cadvisor`, or of one, of a node. */
export function cadvisor(node: string, ...containers: readonly CountedContainer[]): Record<string, string> {
  const samples = Math.max(...containers.flatMap(({ series }) => Object.values(series).map((one) => one.length)))
  return Object.fromEntries(
    Array.from({ length: samples }, (_, sample) => [
      `nodes/${node}/${sample}/kubelet-cadvisor/metrics.txt`,
      `# HELP made of a test\n${containers.map((one) => linesOf(one, sample)).join('')}`,
    ]),
  )
}

/** Throttling of a container with a quota: so many periods, so many of them throttled, of each sample. */
export function throttled(
  pod: string,
  periods: readonly number[],
  held: readonly number[],
  more: Partial<CountedContainer> = {},
): CountedContainer {
  const series = {
    cpu_cfs_periods_total: periods,
    cpu_cfs_throttled_periods_total: held,
    cpu_cfs_throttled_seconds_total: held.map((one) => one * 0.08),
  }
  return { pod, container: 'app', series, ...more }
}

function linesOf(one: CountedContainer, sample: number): string {
  const { pod, container = '', namespace = 'shop', seconds = 30 } = one
  const id = atSample(one.id, sample) ?? `/kubepods/burstable/${pod}/${container}`
  const labels = `container="${container}",id="${id}",image="",name="",namespace="${namespace}",pod="${pod}"`
  const time = seconds === 'no times' ? '' : ` ${FIRST_SAMPLE + sample * seconds * 1000}`
  const lines = Object.entries(one.series).map(([name, values]) =>
    values[sample] === undefined ? '' : `container_${name}{${labels}} ${values[sample]}${time}\n`,
  )
  return `${lines.join('')}container_start_time_seconds{${labels}} ${atSample(one.started, sample) ?? 1.76994e9}\n`
}

function atSample<T>(value: T | readonly T[] | undefined, sample: number): T | undefined {
  return Array.isArray(value) ? (value[sample] ?? value.at(-1)) : (value as T | undefined)
}

/** Files of samples of the kubelet's own `/metrics`: lines as they stand in it. */
export function kubeletMetrics(node: string, ...samples: readonly (readonly string[])[]): Record<string, string> {
  return Object.fromEntries(
    samples.map((lines, sample) => [
      `nodes/${node}/${sample}/kubelet-metrics/metrics.txt`,
      `${['process_start_time_seconds 1.7699e+09', ...lines].join('\n')}\n`,
    ]),
  )
}

/** The file of one sample of `/stats/summary`: figures of the node and of pods, laid over nothing. */
export function summary(
  node: string,
  figures: Readonly<Record<string, unknown>>,
  pods: readonly Readonly<Record<string, unknown>>[] = [],
): Record<string, string> {
  const json = { node: { nodeName: node, startTime: '2026-01-01T00:00:00Z', ...figures }, pods }
  return { [`nodes/${node}/0/kubelet-summary/summary.json`]: JSON.stringify(json) }
}

/** A pod of a summary: `podUsage('shop/web-1', { containers: [...] })`. */
export function podUsage(place: string, figures: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const [namespace, name] = place.split('/')
  return { podRef: { namespace, name, uid: `uid-${name}` }, ...figures }
}
