import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'
import { redactList } from './redactor.ts'

/** Keys that mean nothing, and those that make the same value a secret. */
const KEYS = [
  'config',
  'template',
  'spec',
  'secret',
  'credentials',
  'env',
  'args',
  'metadata',
  'labels',
  'data',
  'value',
]

/** As long as what is remembered, so that many are alike. */
const LEAVES = [
  { path: '/var/lib/service/data', hunter: 'hunter2' },
  { name: 'DB_PASSWORD', value: 'S3cr3tValue9' },
  { name: 'plain', value: 'S3cr3tValue9' },
  { key: 'AKIAABCDEFGHIJKLMNOP', path: '/etc/service/tls' },
  ['--password', 'hunter2', '--listen=:8080', 'serve'],
  ['--listen=:8080', 'serve', '--concurrency=2'],
  { 'v:"--password=hunter2"': {}, 'f:path': { '.': {} } },
  { 'f:name': {}, 'f:path': { '.': {} } },
  { kind: 'Secret', data: { tls: 'aHVudGVyMg==' } },
  { kind: 'Other', data: { tls: 'aHVudGVyMg==' } },
]

describe('values that are repeated', () => {
  it('are judged in a long list as in one of a single object', () => {
    const below = createRandom(5)
    const one = <T>(list: readonly T[]) => list[below(list.length)] as T
    const value = (depth: number): unknown =>
      depth === 0 ? one(LEAVES) : Object.fromEntries(Array.from({ length: 2 }, () => [one(KEYS), value(below(depth))]))
    const object = () => ({
      metadata: { name: 'a', managedFields: [{ manager: 'kubectl', fieldsV1: one(LEAVES), [one(KEYS)]: one(LEAVES) }] },
      spec: value(4),
      [one(KEYS)]: value(3),
    })
    for (const resource of ['pods', 'widgets.example.com']) {
      const objects = Array.from({ length: 2000 }, object)
      const { items, text } = redactList(resource, objects)
      expect(text.length).toBeGreaterThan(200_000)
      for (const [n, item] of items.entries()) expect(item).toEqual(redactList(resource, [objects[n]]).items[0])
    }
  })

  it('are not taken for one that is a little different', () => {
    const objects = Array.from({ length: 3000 }, (_, n) => ({
      metadata: { name: `a${n}` },
      spec: { probe: { path: '/healthz', note: n === 2500 ? 'token=hunter2' : 'taken=hunter2' } },
    }))
    const { text } = redactList('widgets.example.com', objects)
    expect(text.match(/token=<redacted:[a-z-]+:[0-9a-f]{16}>/g)).toHaveLength(1)
    expect(text).not.toContain('token=hunter2')
  })
})
