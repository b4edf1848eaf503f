/** A document to print: plain data, with comments above it and above entries of its lists. */
export interface YamlDocument {
  readonly comments: readonly string[]
  readonly content: YamlMap
}

type YamlMap = { readonly [key: string]: YamlValue }
type YamlValue = string | YamlMap | readonly YamlValue[] | undefined

/** Documents as YAML that kubectl reads: two-space blocks, short lists on one line, a `comment` key as a comment. */
export function toYaml(documents: readonly YamlDocument[]): string {
  return documents
    .map(({ comments, content }) => [...comments.flatMap(wrapComment), ...mapLines(content)].join('\n'))
    .join('\n---\n')
    .concat('\n')
}

function mapLines(map: YamlMap): string[] {
  return Object.entries(map).flatMap(([key, value]) => (value === undefined ? [] : entryLines(key, value)))
}

function entryLines(key: string, value: YamlValue): string[] {
  if (typeof value === 'string') return [`${key}: ${scalar(value)}`]
  if (isMap(value)) return [`${key}:`, ...indent(mapLines(value))]
  const items = value as readonly YamlValue[]
  const flow = items.every((item) => typeof item === 'string') ? `${key}: [${items.map(scalar).join(', ')}]` : undefined
  return flow !== undefined && flow.length <= FLOW_WIDTH ? [flow] : [`${key}:`, ...indent(items.flatMap(itemLines))]
}

/** Longer lists get a line for each entry, so that a diff of two roles shows what was added. */
const FLOW_WIDTH = 72

function itemLines(item: YamlValue): string[] {
  if (typeof item === 'string') return [`- ${scalar(item)}`]
  const { comment, ...rest } = item as YamlMap
  const lines = mapLines(rest).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
  return typeof comment === 'string' ? [...wrapComment(comment), ...lines] : lines
}

function isMap(value: YamlValue): value is YamlMap {
  return typeof value === 'object' && !Array.isArray(value)
}

/** Plain where no reader of YAML 1.1 or 1.2 sees anything but these letters; else double-quoted, where JSON's escapes hold (YAML 1.2, 7.3.1). */
function scalar(value: YamlValue): string {
  const text = String(value)
  const plain = /^[A-Za-z][A-Za-z0-9._/-]*$/.test(text) && !/^(true|false|yes|no|on|off|y|n|null)$/i.test(text)
  return plain ? text : JSON.stringify(text)
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

function wrapComment(text: string): string[] {
  const lines = ['#']
  for (const word of text.replace(/\s+/g, ' ').split(' ')) {
    const last = lines.length - 1
    if (`${lines[last]} ${word}`.length > FLOW_WIDTH + 8 && lines[last] !== '#') lines.push(`# ${word}`)
    else lines[last] = `${lines[last]} ${word}`
  }
  return lines
}
