import type { BundleReader } from '../bundle/reader.ts'
import { readText } from './bundle-file.ts'
import { type Citation, citeLine } from './citation.ts'
import { type Metrics, readMetrics } from './metrics.ts'

/** What the API server says of itself. */
export interface ApiServer {
  readonly metrics: Metrics
  /** Checks of `/readyz` and `/livez` that failed when they were asked for. */
  readonly failedChecks: readonly FailedCheck[]
}

/** A part of the API server that says that it is not well: `etcd`, `poststarthook/…`. */
export interface FailedCheck {
  readonly name: string
  readonly citation: Citation
}

/** Answers are a few kilobytes; more is none. */
const LONGEST_ANSWER = 1 << 20

/** Reads what the capture asked the API server about itself. */
export async function readApiServer(bundle: BundleReader): Promise<ApiServer> {
  const answers = ['apiserver/readyz.txt', 'apiserver/livez.txt'].map((file) => readChecks(bundle, file))
  return {
    metrics: await readMetrics(bundle, 'apiserver/metrics.txt'),
    failedChecks: (await Promise.all(answers)).flat(),
  }
}

async function readChecks(bundle: BundleReader, file: string): Promise<readonly FailedCheck[]> {
  const text = (await readText(bundle, file, LONGEST_ANSWER)) ?? ''
  return text.split('\n').flatMap((line, index) => {
    const name = /^\[-\](\S{1,120}) failed/.exec(line)?.[1]
    return name === undefined ? [] : [{ name, citation: citeLine(file, index + 1, line) }]
  })
}
