import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createRedactor } from '../../src/capture/redact/redact.ts'
import { show } from './measure.ts'
import { PAGE, podPages } from './pages.ts'

/**
 * Measures the redaction of pod list pages on one thread against JSON.parse and JSON.stringify of the same bytes, in pairs:
 * `node test/bench/redact.ts [--rounds 7]`. A redaction that parsed could not be faster than the second.
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })

const PAGES = 5
const SIZE = { pods: PAGE * PAGES, namespaces: 20, nodes: 100, events: 0 }

const { page } = podPages(SIZE)
const pages = Array.from({ length: PAGES }, (_, number) => page(number))
const bytes = pages.reduce((sum, page) => sum + page.length, 0)
const redactor = createRedactor({ key: randomBytes(32), configData: false, dropNodeImages: false })

const rounds = Array.from({ length: Number(values.rounds) + 1 }, () => ({
  plain: time((page) => JSON.stringify(JSON.parse(page.toString('utf8')))),
  ours: time((page) => redactor.redact(page, { type: 'list', group: '', resource: 'pods' })),
})).slice(1)
const perSecond = (milliseconds: number) => bytes / 1e3 / milliseconds

console.log(`${PAGES} pages of ${PAGE} pods: ${(bytes / 1e6).toFixed(0)} MB`)
console.log(
  `parse + stringify  ${show(
    rounds.map(({ plain }) => perSecond(plain)),
    0,
  )} MB/s`,
)
console.log(
  `redaction          ${show(
    rounds.map(({ ours }) => perSecond(ours)),
    0,
  )} MB/s`,
)
console.log(`speed              ${show(rounds.map(({ plain, ours }) => plain / ours))} times parse + stringify`)

/** Milliseconds for all pages, once. */
function time(work: (page: Buffer) => unknown): number {
  const begun = performance.now()
  for (const page of pages) work(page)
  return performance.now() - begun
}
