import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createRedactor } from '../../src/capture/redact/redact.ts'
import { show } from './measure.ts'
import { podOf, podStatusOf } from './objects.ts'

/**
 * Measures the redaction of pod list pages on one thread against JSON.parse and JSON.stringify of the same bytes, in pairs:
 * `node test/bench/redact.ts [--rounds 7]`. A redaction that parsed could not be faster than the second.
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })

/** Pods of a page, as the capture asks for them. */
const PAGE = 500
const PAGES = 5
const SIZE = { pods: PAGE * PAGES, namespaces: 20, nodes: 100, events: 0 }
const AT = '2026-01-31T08:00:00Z'

const pages = Array.from({ length: PAGES }, (_, page) => pageOf(page))
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

function pageOf(page: number): Buffer {
  const items = Array.from({ length: PAGE }, (_, n) => {
    const number = page * PAGE + n
    return withManagedFields({ ...podOf(number, SIZE), ...podStatusOf(number) })
  })
  return Buffer.from(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items }))
}

/** What the API server adds to a pod: who set which field, the spec by the controller, the status by the kubelet. */
function withManagedFields({ metadata, spec, status, ...type }: Pod) {
  const managedFields = [
    { manager: 'kube-controller-manager', operation: 'Update', time: AT, fieldsV1: { 'f:spec': fieldsOf(spec) } },
    {
      manager: 'kubelet',
      operation: 'Update',
      subresource: 'status',
      time: AT,
      fieldsV1: { 'f:status': fieldsOf(status) },
    },
  ]
  return { ...type, metadata: { ...metadata, managedFields }, spec, status }
}

type Pod = ReturnType<typeof podOf> & ReturnType<typeof podStatusOf>

/** FieldsV1 of a value, as the structured merge diff writes it: fields by name, elements of lists by their key. */
function fieldsOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return {}
  const entries = Array.isArray(value)
    ? value.map((one) => [`k:${JSON.stringify({ name: one?.name ?? one?.type ?? one?.key ?? '' })}`, fieldsOf(one)])
    : Object.entries(value).map(([key, one]) => [`f:${key}`, fieldsOf(one)])
  return { '.': {}, ...Object.fromEntries(entries) }
}

/** Milliseconds for all pages, once. */
function time(work: (page: Buffer) => unknown): number {
  const begun = performance.now()
  for (const page of pages) work(page)
  return performance.now() - begun
}
