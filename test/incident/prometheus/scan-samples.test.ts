import { describe, expect, it } from 'vitest'
import { createScanner, type ScannedSample } from '../../../src/incident/prometheus/scan-samples.ts'

/** Scans a text, cut into chunks of so many bytes. */
function scan(text: string | Buffer, names = ['a', 'b_total'], size = 7): ScannedSample[] {
  const body = Buffer.from(text)
  const found: ScannedSample[] = []
  const scanner = createScanner(new Set(names), (one) => found.push(one))
  for (let from = 0; from < body.length; from += size) scanner.push(body.subarray(from, from + size))
  scanner.end()
  return found
}

describe('scanSamples', () => {
  it('gives the samples of the names asked for, with their lines', () => {
    const text = ['# HELP a What it is.', '# TYPE a gauge', 'a 1', 'ab 2', 'b_total{x="1"} 3', 'b 4', '', 'a 5'].join(
      '\n',
    )
    expect(scan(text).map(({ name, value, line, text }) => [name, value, line, text])).toEqual([
      ['a', 1, 3, 'a 1'],
      ['b_total', 3, 5, 'b_total{x="1"} 3'],
      ['a', 5, 8, 'a 5'],
    ])
  })

  it('reads labels with commas, braces, escapes and other letters in them', () => {
    const text = 'a{path="C:\\\\x\\"},{\\n", empty="",ümlaut="größe 🙂",} 1\n'
    expect(scan(text)[0]?.labels).toEqual({ path: 'C:\\x"},{\n', empty: '', ümlaut: 'größe 🙂' })
    expect(scan(text)[0]?.text).toBe(text.trimEnd())
  })

  it('reads times in milliseconds and in seconds, and does not take an exemplar for one', () => {
    const at = (text: string) => scan(text)[0]?.at
    expect(at('a{x="}"} 1 1795611772835\n')).toBe(1795611772835)
    expect(at('a 1 1795611772.5\n')).toBe(1795611772500)
    expect(at('a{x="1"} 1 # {trace_id="f00"} 0.5 1795611772.5\n')).toBeUndefined()
    expect(scan('a{x="1"} 7 # {trace_id="f00"} 0.5\n')[0]).toMatchObject({ value: 7, labels: { x: '1' } })
    expect(at('a 1\n')).toBeUndefined()
  })

  it('reads every number that Go prints, and takes nothing else for one', () => {
    const values = (texts: string[]) => scan(texts.map((one) => `a ${one}\n`).join('')).map(({ value }) => value)
    expect(values(['1.795611689e+09', '-0.5', '+Inf', '-Inf', 'NaN', '0'])).toEqual([
      1795611689,
      -0.5,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      0,
    ])
    expect(values(['', 'many', '1,5', '{', '"1"', '1_000'])).toEqual([])
  })

  it('passes over what is no sample and goes on behind it', () => {
    const broken = ['a{', 'a{x', 'a{x=', 'a{x="', 'a{x="1"', 'a{x="1"y="2"} 1', 'a}', 'a{x="\\"} 1', '{a="1"} 2']
    expect(scan(`${broken.join('\n')}\na 9\r\n`).map(({ line, value, text }) => [line, value, text])).toEqual([
      [broken.length + 1, 9, 'a 9'],
    ])
  })

  it('does not keep a line without an end, and counts it', () => {
    const text = `a{x="${'y'.repeat(200_000)}"} 1\na 2\n`
    expect(scan(text, ['a'], 10_000).map(({ line, value }) => [line, value])).toEqual([[2, 2]])
    expect(scan(text, ['a'], 1 << 20).map(({ line, value }) => [line, value])).toEqual([[2, 2]])
  })

  it('neither throws nor loops on whatever it is given, and finds the same however it is cut', () => {
    let seed = 20260201
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % below
    }
    const parts = [
      'a',
      'b_total',
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      ' ',
      '\n',
      '# ',
      '1',
      'NaN',
      '+Inf',
      'x',
      '\r',
      '\t',
      '\u0000',
      'é',
    ]
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: random(60) }, () => parts[random(parts.length)]).join('')
      const bytes = Buffer.from(text)
      for (let hit = random(3); hit > 0 && bytes.length > 0; hit--) bytes[random(bytes.length)] = random(256)
      expect(scan(bytes, ['a', 'b_total'], 1 + random(9))).toEqual(scan(bytes, ['a', 'b_total'], 1000))
    }
  })
})
