import type { BundleReader } from '../bundle/reader.ts'
import { scanSamples } from './prometheus/scan-samples.ts'

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
  await scanSamples(bundle.stream(file), WANTED, ({ name, labels, value, line, text }) => {
    if (Number.isFinite(value) && samples.length < MOST_SAMPLES) samples.push({ name, labels, value, file, line, text })
  })
}
