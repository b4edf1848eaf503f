import { parseJson } from '../../bundle/parse-json.ts'
import type { BundleReader } from '../../bundle/reader.ts'
import { readText } from '../bundle-file.ts'
import { type Citation, citeLine } from '../citation.ts'
import { recordAt, textAt, valueAt } from '../kubernetes.ts'
import { obtainedOf } from '../sample-files.ts'

/** What kube-proxy answered to its health check. */
export interface ProxyHealth {
  /** False where changes have waited for longer than it allows itself, a minute by default. */
  readonly isHealthy: boolean
  /** False on a node that is being taken away: then it says so without being ill. */
  readonly isEligible: boolean
  /** How long before its answer it last wrote its rules, in seconds by its own clock, where it is ill and ever wrote them. */
  readonly staleSeconds: number | undefined
  readonly citation: Citation
}

/** An answer is one short line. */
const LONGEST = 4096

/** The status of a health check that failed. */
const UNAVAILABLE = 503

/**
 * Reads an answer to `/healthz`: `{"lastUpdated": …,"currentTime": …, "nodeEligible": …}` (kubernetes/kubernetes v1.33,
 * pkg/proxy/healthcheck/proxy_health.go; `nodeEligible` since v1.28), with `status` for each IP family in v1.34, as recorded. Undefined for what
 * others answer on this port.
 */
export async function readProxyHealth(bundle: BundleReader, file: string): Promise<ProxyHealth | undefined> {
  const status = obtainedOf(bundle, file)?.status
  if (status === undefined) return undefined
  const text = (await readText(bundle, file, LONGEST)) ?? ''
  const json = parseJson(text)
  const { lastUpdated, currentTime } = recordAt(json)
  if (typeof lastUpdated !== 'string' || typeof currentTime !== 'string') return undefined
  const families = Object.values(recordAt(json, 'status'))
  const ill = families.find((family) => valueAt(family, 'healthy') === false)
  const isHealthy = families.length > 0 ? ill === undefined : status !== UNAVAILABLE
  const written = ill === undefined ? lastUpdated : textAt(ill, 'lastUpdated')
  return {
    isHealthy,
    isEligible: valueAt(json, 'nodeEligible') !== false,
    staleSeconds: isHealthy ? undefined : secondsBetween(written, currentTime),
    citation: citeLine(file, 1, text.split('\n', 1)[0]?.trim() ?? ''),
  }
}

function secondsBetween(from: string, to: string): number | undefined {
  const [first, last] = [parseGoTime(from), parseGoTime(to)]
  return first === undefined || last === undefined || last < first ? undefined : (last - first) / 1000
}

/** `2026-02-01 11:59:00.123456789 +0000 UTC m=+12.3`, as Go prints a time, or RFC 3339; the year 1 is none. */
const GO_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})? ?(Z|[+-]\d\d:?\d\d)/

function parseGoTime(text: string): number | undefined {
  const [, date, time, fraction = '', zone = ''] = GO_TIME.exec(text) ?? []
  const offset = zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(-2)}`
  const at = Date.parse(`${date}T${time}${fraction.slice(0, 4)}${offset}`)
  return Number.isNaN(at) || at <= 0 ? undefined : at
}
