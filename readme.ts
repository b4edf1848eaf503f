import { readFile, writeFile } from 'node:fs/promises'
import { collectors } from './collectors/index.ts'
import type { Collector, Read } from './src/collector.ts'

const BEGIN = '<!-- collectors: made by `npm run readme` -->\n'
const END = '<!-- /collectors -->'

/** README.md with its table of collectors made anew from their declarations; `npm run readme` writes it, a test compares it. */
export function withCollectorTable(readme: string): string {
  const [before, rest = ''] = readme.split(BEGIN)
  const after = rest.slice(rest.indexOf(END))
  return `${before}${BEGIN}${collectorTable()}${after}`
}

function collectorTable(): string {
  const rows = collectors.map(({ id, title, volatility, reads }) => [
    `\`${id}\``,
    title,
    String(volatility),
    describeReads(reads),
  ])
  return toMarkdown([['collector', 'what', 'band', 'reads'], ...rows])
}

/** A table as the formatter would leave it: cells padded to their column. */
function toMarkdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const lines = [head, widths.map((width) => '-'.repeat(width)), ...rows]
  return lines
    .map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`)
    .join('')
}

function describeReads(reads: Collector['reads']): string {
  return reads.map(describeRead).join('; ')
}

function describeRead(read: Read): string {
  if ('everyListableResource' in read) return 'list every other resource, never Secrets'
  if ('nonResourceURLs' in read) return `get ${read.nonResourceURLs.map((path) => `\`${path}\``).join(', ')}`
  const names = read.resources.map((resource) => `\`${read.group ? `${resource}.${read.group}` : resource}\``)
  return `${read.verbs.join(', ')} ${names.join(', ')}`
}

if (import.meta.main) await writeFile('README.md', withCollectorTable(await readFile('README.md', 'utf8')))
