import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { is, messages, recognise } from '../../../src/incident/messages/index.ts'
import { literalsOf } from '../../../src/incident/messages/literal.ts'
import { ANY_WORDS, type Message } from '../../../src/incident/messages/message.ts'
import { FATAL_NODE_REASONS, nodeMonitoringAgent } from '../../../src/incident/messages/node-monitoring-agent.ts'
import { examples } from './examples/index.ts'
import { lookAlikes } from './look-alikes.ts'

const FOLDER = new URL('../../../src/incident/messages/', import.meta.url)

const table: [string, Message][] = Object.entries(messages)

describe('every example', () => {
  it.each(examples)('%s (%s): %s', (id, reason, text, values) => {
    const found = is(text, id, reason || undefined)
    expect(found?.values).toEqual(values)
    expect(text).toContain(found?.words)
    expect(found?.words).not.toBe('')
  })
})

describe('every message', () => {
  it('has an example of every wording', () => {
    const used = new Set(examples.flatMap(([id, , text]) => firstWording(messages[id], text)))
    const unused = table.flatMap(([id, { wordings }]) =>
      wordings.filter((one) => !used.has(one)).map((one) => `${id}: ${one.pattern.source}`),
    )
    expect(unused).toEqual([])
  })

  it('contains words that are looked for before its pattern is tried, or is known by its reason', () => {
    const slow = table.filter(([, { reasons, wordings }]) =>
      wordings.some(({ pattern }) =>
        pattern === ANY_WORDS ? reasons === undefined : literalsOf(pattern) === undefined,
      ),
    )
    expect(slow.map(([id]) => id)).toEqual([])
  })

  it('stands in one file of the table only', async () => {
    const files = await Promise.all(readdirSync(FOLDER).map((name) => import(new URL(name, FOLDER).href)))
    const tables = files.flatMap((file: Record<string, unknown>) => Object.values(file)).filter(isTable)
    const ids = tables.filter((one) => one !== messages).flatMap((one) => Object.keys(one))
    expect(ids.toSorted()).toEqual(Object.keys(messages).toSorted())
  })

  it('is named by a noun in small letters and says what it means in one sentence', () => {
    expect(table.filter(([id]) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([])
    expect(table.filter(([, { means }]) => !/^[A-Z][^\n]*\.$/.test(means)).map(([id]) => id)).toEqual([])
  })
})

describe('what looks alike', () => {
  it.each(lookAlikes)('is not %s (%s): %s', (id, reason, text) => {
    expect(is(text, id, reason || undefined)).toBeUndefined()
  })
})

describe('recognise', () => {
  it('gives the cause before what repeats it, and what is known by its reason alone at the end', () => {
    const text = 'failed to get cpu utilization: missing request for cpu in container a of Pod b'
    expect(recognise(text, 'FailedGetResourceMetric').map(({ id }) => id)).toEqual([
      'hpa-missing-request',
      'hpa-metric-failed',
      'hpa-metric-unknown',
    ])
  })

  it('finds nothing in a text that says nothing, whatever its reason', () => {
    expect(recognise('all is well')).toEqual([])
    expect(recognise('', 'Pulled')).toEqual([])
  })

  it('finds what is known by its reason only with the reason', () => {
    expect(recognise('GPU fell off the bus')).toEqual([])
    expect(is('GPU fell off the bus', 'nma-gpu-xid-error', 'NvidiaXID79Error')?.words).toBe('GPU fell off the bus')
  })

  it('reads quotes that a log has put a backslash before, and cites them as they stand', () => {
    const line = String.raw`"Error" err="open \"x\": configmap \"app\" not found" pod="a"`
    const found = is(line, 'missing-config-map')
    expect(found?.values).toEqual({ name: 'app' })
    expect(found?.words).toBe(String.raw`configmap \"app\" not found`)
  })

  it('cites at most 300 characters', () => {
    const words = is(`Error creating: ${'x'.repeat(900)}`, 'pod-creation-failed')?.words
    expect(words).toHaveLength(300)
  })

  it.each(['x', '(', '[', '"', '{"', ': ', '\\"', ...examples.map(([, , text]) => text).filter((_, n) => n % 7 === 0)])(
    'returns on a megabyte of %s, on which what backtracks would not',
    (piece) => {
      expect(recognise(piece.repeat(Math.ceil(1_000_000 / piece.length)))).toBeInstanceOf(Array)
    },
  )
})

describe('the node monitoring agent', () => {
  it('has a message for every reason that is fatal', () => {
    const known = Object.values(nodeMonitoringAgent).flatMap(({ reasons }: Message) => reasons ?? [])
    expect(FATAL_NODE_REASONS.filter((reason) => !known.includes(reason))).toEqual([])
  })
})

function firstWording(message: Message, text: string) {
  const plain = text.replaceAll('\\"', '"')
  return message.wordings.filter(({ pattern }) => pattern.test(plain)).slice(0, 1)
}

function isTable(value: unknown): value is Record<string, Message> {
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).every((one) => typeof one === 'object' && one !== null && 'wordings' in one)
}
