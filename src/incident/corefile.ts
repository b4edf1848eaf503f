/** A server block of a Corefile: the zones that it answers for, and its plugins. */
export interface ServerBlock {
  readonly zones: readonly string[]
  readonly plugins: readonly Plugin[]
}

export interface Plugin {
  readonly name: string
  readonly args: readonly string[]
  /** The line as it stands. */
  readonly text: string
  /** The lines within its braces. */
  readonly options: readonly string[]
}

/** Lines that are read: a Corefile has dozens. */
const MOST_LINES = 2000

/** Reads a Corefile as far as it can be read: braces and the first words of lines. */
export function readCorefile(text: string): readonly ServerBlock[] {
  const blocks: { zones: string[]; plugins: { name: string; args: string[]; text: string; options: string[] }[] }[] = []
  let depth = 0
  for (const raw of text.split('\n').slice(0, MOST_LINES)) {
    const line = raw.replace(/#.*/, '').trim()
    if (line === '') continue
    const words = line.split(/\s+/).filter((word) => word !== '{' && word !== '}')
    const [name = '', ...args] = words
    if (depth === 0 && name !== '') blocks.push({ zones: words.map(zoneOf), plugins: [] })
    else if (depth === 1 && name !== '') blocks.at(-1)?.plugins.push({ name, args, text: line, options: [] })
    else if (name !== '') blocks.at(-1)?.plugins.at(-1)?.options.push(line)
    depth = Math.max(0, depth + count(line, '{') - count(line, '}'))
  }
  return blocks
}

/** The plugins of a name in all blocks. */
export function pluginsOf(blocks: readonly ServerBlock[], name: string): readonly Plugin[] {
  return blocks.flatMap(({ plugins }) => plugins).filter((one) => one.name === name)
}

/** Without scheme and port: `dns://cluster.local:53`. */
function zoneOf(word: string): string {
  return (
    word
      .replace(/^\w+:\/\//, '')
      .replace(/:\d+$/, '')
      .replace(/,$/, '') || '.'
  )
}

function count(line: string, brace: string): number {
  return line.split(brace).length - 1
}
