import { appendFileSync, writeFileSync } from 'node:fs'
import { eventOf, nodeOf, podOf, podStatusOf } from './objects.ts'

const SIZE = { pods: 8000, events: 8000, nodes: 500, namespaces: 200 }
const LOG_LINES = 300_000
const LINES_AT_ONCE = 10_000

/** Writes about 100 MB of what bundles hold, list pages and container logs, the same in every run; returns the path. */
export function writeCorpus(path: string): string {
  writeFileSync(path, '')
  for (let start = 0; start < SIZE.pods; start += 500)
    appendFileSync(
      path,
      page(
        'PodList',
        range(start, 500).map((n) => ({ ...podOf(n, SIZE), ...podStatusOf(n) })),
      ),
    )
  for (let start = 0; start < SIZE.events; start += 500)
    appendFileSync(
      path,
      page(
        'EventList',
        range(start, 500).map((n) => eventOf(n, SIZE)),
      ),
    )
  appendFileSync(path, page('NodeList', range(0, SIZE.nodes).map(nodeOf)))
  for (let start = 0; start < LOG_LINES; start += LINES_AT_ONCE)
    appendFileSync(path, range(start, LINES_AT_ONCE).map(logLine).join(''))
  return path
}

function page(kind: string, items: readonly unknown[]): string {
  return JSON.stringify({ kind, apiVersion: 'v1', metadata: { resourceVersion: '4711' }, items })
}

function range(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i)
}

/** An access log as services write it: times, addresses, identifiers and durations differ in every line. */
function logLine(n: number): string {
  const at = new Date(Date.UTC(2026, 0, 31, 8) + n * 37).toISOString()
  // Knuth's multiplicative hash: looks random, is not.
  const random = Math.imul(n + 1, 2_654_435_761) >>> 0
  const trace = random.toString(16).padStart(8, '0') + Math.imul(random, 40_503).toString(16).replace('-', 'f')
  const status = random % 97 === 0 ? 503 : 200
  return `${at.replace('Z', '123456Z')} {"level":"info","ts":"${at}","msg":"request","trace":"${trace}","path":"/orders/${random % 100_000}","status":${status},"client":"10.0.${random & 255}.${(random >> 8) & 255}","ms":${random % 911}}\n`
}
