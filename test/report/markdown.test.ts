import { expect, it } from 'vitest'
import type { Report } from '../../src/rca/report.ts'
import { cell, code, fence, prose } from '../../src/report/markdown/inert.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { cause, HOSTILE, healthyReport, sampleReport } from './sample-report.ts'

it('draws an explained incident', async () => {
  await expect(renderMarkdown(sampleReport())).toMatchFileSnapshot('snapshots/explained.md.txt')
})

it('draws a cluster that is well', async () => {
  await expect(renderMarkdown(healthyReport())).toMatchFileSnapshot('snapshots/healthy.md.txt')
})

it('names the bundle: file, root hash, window, destination, and what is wrong with it', () => {
  const bundle = { ...sampleReport().bundle, destination: 's3://incidents/prod/1', truncated: 'the file ends early' }
  const text = renderMarkdown(sampleReport({ bundle }))
  for (const words of [bundle.name, bundle.root, bundle.destination, '2026-01-31 23:59:00 UTC', bundle.truncated])
    expect(text).toContain(words)
  expect(renderMarkdown(sampleReport({ bundle: { ...bundle, root: '' } }))).toContain('lost with the manifest')
})

it('quotes the evidence that it refers to, and no other', () => {
  const [body = '', evidence = ''] = renderMarkdown(
    sampleReport({ symptoms: sampleReport().symptoms.map((symptom) => ({ ...symptom, weight: 1 })) }),
  ).split('## Evidence')
  const numbers = (text: string) => [...new Set([...text.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number)))]
  expect(numbers(evidence)).toEqual([1, 2, 4])
  expect(numbers(body).sort()).toEqual([1, 2, 4])
})

it.each([
  ['a plain sentence: 2 pods (of 3), 66 % of it.', 'a plain sentence: 2 pods (of 3), 66 % of it.'],
  ['ask @team now', 'ask `@team` now'],
  ['see #12 and GH-3', 'see `#12` and `GH-3`'],
  ['by <redacted:env-value:ab12> here', 'by `<redacted:env-value:ab12>` here'],
  ['<img src=x onerror=alert(1)>', '`<img` src=x `onerror=alert(1)>`'],
  ['go to https://evil.example now', 'go to `https://evil.example` now'],
  ['![x](y) and *bold* _it_ ~~no~~ $x$', '`![x](y)` and `*bold* _it_ ~~no~~ $x$`'],
  ['a `b` c, `d|e`', 'a `b` c, `d|e`'],
  ['a ` c', 'a `` ` `` c'],
  ['``` fence', '```` ``` ```` fence'],
  ['1. item', '1\\. item'],
  ['- item', '\\- item'],
  ['=====', '\\====='],
  ['&lt;b&gt;', '`&lt;b&gt;`'],
  ['fixes 6a4ec24d1edb75282eaf0b97216067f0b9754fd1', 'fixes `6a4ec24d1edb75282eaf0b97216067f0b9754fd1`'],
  ['a\u202Eb\r\n# c', 'a\ufffdb `#` c'],
  ['', ''],
])('keeps %j inert', (text, written) => {
  expect(prose(text)).toBe(written)
})

it('lets no bar end the cell of a table', () => {
  expect(cell('a | b || `c|d`')).toBe('a `¦` b `¦¦` `c¦d`')
})

it('lets nothing end a span or a block of code', () => {
  expect(code('a `` b')).toBe('``` a `` b ```'.replace('``` a', '```a').replace('b ```', 'b```'))
  expect(fence(['echo ```', 'rm'])).toEqual(['````sh', 'echo ```', 'rm', '````'])
})

it('keeps tables whole and lines safe, whatever the words are', () => {
  const text = renderMarkdown(hostile())
  expect([...text.matchAll(/[^\P{Cc}\n]|\p{Cf}/gu)].length).toBe(0)
  const bars = text.split('\n').filter((line) => line.startsWith('|'))
  const widths = new Set(bars.map((line) => line.split('|').length))
  expect([...widths].sort()).toEqual([6, 9])
  const outside = withoutCode(text)
  expect(outside.match(/[<>`@]|!\[|https?:|\]\(/g)).toBe(null)
  expect(outside.split('\n').filter((line) => /^#/.test(line)).length).toBe(
    headings(renderMarkdown(manyWords())).length,
  )
})

function headings(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('#'))
}

/** What is left of Markdown when blocks and spans of code are taken out, as CommonMark finds them. */
function withoutCode(text: string): string {
  return text.replace(/^ *(`{3,})sh\n[\s\S]*?\n *\1$/gm, '').replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
}

function manyWords(): Report {
  return sampleReport({
    causes: [cause({ against: [{ says: 'No.', cites: [0] }], missing: ['More.'] })],
    risks: sampleReport().symptoms,
  })
}

function hostile(): Report {
  const kept = ['from', 'to', 'at', 'start', 'end', 'confidence', 'status', 'kind', 'how']
  const swap = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return kept.includes(key) ? value : HOSTILE
    if (Array.isArray(value)) return value.map((one) => swap(one))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, swap(one, name)]))
  }
  return swap(manyWords()) as Report
}
