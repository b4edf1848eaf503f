import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../src/cli/parse/duration.ts'
import { parseFocus } from '../../src/cli/parse/focus.ts'
import { parseKey } from '../../src/cli/parse/key.ts'
import { parseNamespace } from '../../src/cli/parse/namespace.ts'
import { parseSize } from '../../src/cli/parse/size.ts'
import { parseSpeed } from '../../src/cli/parse/speed.ts'
import { parseTime, parseTimeOrAgo } from '../../src/cli/parse/time.ts'
import { FreezeframeError } from '../../src/error.ts'

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
    ['1m500ms', 60_500],
  ])('%s is %i ms', (text, milliseconds) => expect(parseDuration('--deadline', text)).toBe(milliseconds))

  it.each(['', '5', '5 m', '30m1h', '-5m', '0s', '1.5h', 'm'])('%j is none', (text) => {
    expect(problem(() => parseDuration('--deadline', text))).toBe(
      `--deadline "${text}" is not a duration. Write it as 90s, 5m, 1h30m or 2d.`,
    )
  })
})

describe('a size', () => {
  it.each([
    ['500Mi', 524_288_000],
    ['2GiB', 2_147_483_648],
    ['1G', 1e9],
    ['1.5Gi', 1_610_612_736],
    ['10kb', 10_000],
    ['1048576', 1_048_576],
  ])('%s is %i bytes', (text, bytes) => expect(parseSize('--max-size', text)).toBe(bytes))

  it.each(['', '0', 'Mi', '5X', '-1G', '1e9', '99999999T'])('%j is none', (text) => {
    expect(problem(() => parseSize('--max-size', text))).toContain(`--max-size "${text}" is not a size.`)
  })
})

describe('a time', () => {
  const now = new Date('2026-01-31T12:00:00Z')

  it.each([
    ['2026-01-31T11:30:00Z', '2026-01-31T11:30:00.000Z'],
    ['2026-01-31t13:30:00.5+02:00', '2026-01-31T11:30:00.500Z'],
    ['2026-01-31 11:30Z', '2026-01-31T11:30:00.000Z'],
    ['2h', '2026-01-31T10:00:00.000Z'],
  ])('%s is %s', (text, time) => expect(parseTime('--since', text, now).toISOString()).toBe(time))

  it.each([
    'yesterday',
    '2026-01-31T11:30:00',
    '2026-13-01T00:00:00Z',
    '',
    '2025-02-30T00:00:00Z',
    '2025-02-29T12:00:00+02:00',
    '0000-01-01T00:00:00Z',
    '1000000d',
    '999999999d',
  ])('%j is none', (text) => {
    expect(problem(() => parseTime('--since', text, now))).toContain(`--since "${text}" is not a time.`)
  })

  it('cannot lie in the future', () => {
    expect(problem(() => parseTime('--since', '2027-01-01T00:00:00Z', now))).toContain('lies in the future')
  })

  it('may lie after the end that durations count back from', () => {
    expect(parseTimeOrAgo('--at', '2027-01-01T00:00:00Z', now).toISOString()).toBe('2027-01-01T00:00:00.000Z')
    expect(parseTimeOrAgo('--at', '30s', now).toISOString()).toBe('2026-01-31T11:59:30.000Z')
  })
})

describe('a speed', () => {
  it.each([
    ['1', 1],
    ['10x', 10],
    ['0.5', 0.5],
  ])('%s is %d', (text, speed) => expect(parseSpeed('--replay-changes', text)).toBe(speed))

  it.each(['', '0', 'x', '-1', '1e9', '10 x', 'bundle.tar.gz'])('%j is none', (text) => {
    expect(problem(() => parseSpeed('--replay-changes', text))).toContain(`--replay-changes "${text}" is no speed.`)
  })
})

describe('a focus', () => {
  it.each([
    ['pod/shop/web-1', { kind: 'pod', namespace: 'shop', name: 'web-1' }],
    ['Deployments/shop/web', { kind: 'deployment', namespace: 'shop', name: 'web' }],
    ['po/shop/web-1', { kind: 'pod', namespace: 'shop', name: 'web-1' }],
    ['node/ip-10-0-1-7', { kind: 'node', name: 'ip-10-0-1-7' }],
    ['ingress/shop/web', { kind: 'ingress', namespace: 'shop', name: 'web' }],
  ])('%s is understood', (text, focus) => expect(parseFocus('--focus', text)).toEqual(focus))

  it.each([
    ['web', 'names no object. Write it as pod/shop/web-7d4b9 or node/ip-10-0-1-7.'],
    ['pod//web', 'names no object.'],
    ['pod/web', 'has no namespace. Write it as pod/NAMESPACE/web.'],
    ['node/shop/web', 'has a namespace, and a node has none. Write it as node/web.'],
  ])('%s is not', (text, sentence) => expect(problem(() => parseFocus('--focus', text))).toContain(sentence))
})

describe('a redaction key', () => {
  it('is 32 bytes, or 64 hex digits with a line end', () => {
    const key = Buffer.alloc(32, 0xab)
    expect(parseKey('--redaction-key', 'key', key)).toEqual(key)
    expect(parseKey('--redaction-key', 'key', Buffer.from(`${key.toString('hex')}\n`))).toEqual(key)
  })

  it('is nothing else', () => {
    expect(problem(() => parseKey('--redaction-key', 'key', Buffer.from('secret')))).toBe(
      '--redaction-key "key" holds no key (it has 6 bytes). A key is 32 bytes or 64 hex digits; make one with: openssl rand -hex 32 > key',
    )
  })
})

it('a namespace is a DNS label', () => {
  expect(parseNamespace('--namespace', 'shop-1')).toBe('shop-1')
  for (const text of ['Shop', 'a/b', '', '-a', 'a'.repeat(64)]) {
    expect(problem(() => parseNamespace('--namespace', text))).toContain('is not the name of a namespace')
  }
})

function problem(parse: () => unknown): string {
  try {
    parse()
  } catch (error) {
    if (error instanceof FreezeframeError && error.code === 'OPTION_INVALID') return `${error.message} ${error.remedy}`
    throw error
  }
  throw new Error('accepted')
}
