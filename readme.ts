import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { collectors } from './collectors/index.ts'
import type { Collector, Read } from './src/collector.ts'
import { explainMarkdown } from './src/report/explain.ts'
import { rules } from './src/rules/index.ts'
import { DOMAINS, type Rule } from './src/rules/rule.ts'

const BEGIN = '<!-- collectors: made by `npm run readme` -->\n'
const END = '<!-- /collectors -->'

/** README.md with its table of collectors made anew from their declarations; `npm run readme` writes it, a test compares it. */
export function withCollectorTable(readme: string): string {
  const [before, rest = ''] = readme.split(BEGIN)
  const after = rest.slice(rest.indexOf(END))
  return `${before}${BEGIN}${collectorTable()}${after}`
}

function collectorTable(): string {
  const rows = collectors.map(({ id, title, volatility, reads, ways }) => [
    `\`${id}\``,
    title,
    String(volatility),
    ways ? `from inside of nodes, with ${ways.map((way) => OPTIONS[way]).join(' or ')}` : describeReads(reads),
  ])
  return toMarkdown([['collector', 'what', 'band', 'reads'], ...rows])
}

const OPTIONS = {
  exec: '`--allow-exec`',
  probe: '`--probe-pods`',
  'node-diagnostic': '`--node-diagnostic`',
} as const

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
  if ('connects' in read) return `connect to ports of pods (\`${read.connects}\`)`
  const names = read.resources.map((resource) => `\`${read.group ? `${resource}.${read.group}` : resource}\``)
  return `${read.verbs.join(', ')} ${names.join(', ')}`
}

/** The pages of `docs/rules/` by their paths, made from the rules: one for each failure mode, and a list of all. */
export function rulePages(): ReadonlyMap<string, string> {
  const known: readonly Rule[] = rules.filter(({ domain }) => domain !== 'generic')
  const pages = known.map((rule): [string, string] => [`docs/rules/${rule.id}.md`, explainMarkdown(rule)])
  return new Map([['docs/rules/README.md', ruleList(known)], ...pages])
}

function ruleList(known: readonly Rule[]): string {
  const byDomain = DOMAINS.map((domain) => ({ domain, members: known.filter((rule) => rule.domain === domain) }))
  const sections = byDomain
    .filter(({ members }) => members.length > 0)
    .map(
      ({ domain, members }) =>
        `## ${domain}\n\n${members.map(({ id, title }) => `- [${id}](${id}.md): ${title}`).join('\n')}`,
    )
  return `# Failure modes\n\nMade from the rules by \`npm run readme\`. \`freezeframe explain NAME\` prints the same.\n\n${sections.join('\n\n')}\n`
}

if (import.meta.main) {
  await writeFile('README.md', withCollectorTable(await readFile('README.md', 'utf8')))
  await rm('docs/rules', { recursive: true, force: true })
  for (const [path, text] of rulePages()) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
}
