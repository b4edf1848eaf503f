import type { BundleReader } from '../bundle/reader.ts'

/** One sample of a metrics file. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** What a component says of itself in numbers: one reading, so that counters tell what ever happened since it started, and not when. */
export interface Metrics {
  /** The samples of a name, in the order of the file. */
  of(name: string): readonly Sample[]
}

/** The names that rules ask for: a file of the API server has a hundred thousand samples. */
const WANTED = new Set([
  'apiserver_flowcontrol_rejected_requests_total',
  'apiserver_flowcontrol_current_inqueue_requests',
  'apiserver_flowcontrol_current_executing_seats',
  'apiserver_flowcontrol_nominal_limit_seats',
  'apiserver_request_duration_seconds_bucket',
  'apiserver_request_duration_seconds_count',
  'apiserver_admission_webhook_admission_duration_seconds_bucket',
  'apiserver_admission_webhook_admission_duration_seconds_count',
  'apiserver_admission_webhook_admission_duration_seconds_sum',
  'apiserver_admission_webhook_rejection_count',
  'apiserver_admission_webhook_fail_open_count',
  'etcd_request_duration_seconds_sum',
  'etcd_request_duration_seconds_count',
  'apiserver_storage_size_bytes',
  'apiserver_storage_db_total_size_in_bytes',
  'etcd_db_total_size_in_bytes',
])

/** Samples that are kept at most, whatever a stranger's file holds. */
const MOST_SAMPLES = 50_000

/** Reads a file in the text format of Prometheus, streaming; a file that is not there, or cannot be read, has no samples. */
export async function readMetrics(bundle: BundleReader, file: string): Promise<Metrics> {
  const samples: Sample[] = []
  if (bundle.files.has(file)) await readLines(bundle, file, samples).catch(() => undefined)
  const byName = Map.groupBy(samples, ({ name }) => name)
  return { of: (name) => byName.get(name) ?? [] }
}

async function readLines(bundle: BundleReader, file: string, samples: Sample[]): Promise<void> {
  let rest = ''
  let line = 0
  const decoder = new TextDecoder()
  for await (const chunk of bundle.stream(file)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) keep(samples, parseSample(text, file, ++line))
  }
  keep(samples, parseSample(rest, file, line + 1))
}

function keep(samples: Sample[], sample: Sample | undefined): void {
  if (sample && samples.length < MOST_SAMPLES) samples.push(sample)
}

/** `name{label="value"} 1.5 1700000000`; anything else is no sample. */
function parseSample(text: string, file: string, line: number): Sample | undefined {
  const name = /^[a-z_][\w:]{0,200}(?=[ {])/i.exec(text)?.[0]
  if (name === undefined || !WANTED.has(name)) return undefined
  const end = text[name.length] === '{' ? text.lastIndexOf('}') + 1 : name.length
  const value = Number(text.slice(end).trim().split(/\s+/)[0] ?? '')
  if (end < name.length || Number.isNaN(value)) return undefined
  return { name, labels: parseLabels(text.slice(name.length, end)), value, file, line, text }
}

function parseLabels(text: string): Readonly<Record<string, string>> {
  const pairs = text.matchAll(/(\w{1,100})="((?:[^"\\]|\\.){0,2000})"/g)
  return Object.fromEntries([...pairs].map(([, key = '', value = '']) => [key, value.replace(/\\(["\\])/g, '$1')]))
}
