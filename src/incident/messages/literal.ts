/**
 * The longest words that every text matching a pattern must contain, in small letters; one for each alternative that stands outside of
 * groups. Undefined where an alternative has none.
 */
export function literalsOf(pattern: RegExp): readonly string[] | undefined {
  const longest = runsOf(pattern.source).map((runs) =>
    runs.reduce((best, run) => (run.length > best.length ? run : best), ''),
  )
  return longest.every((literal) => literal.length >= SHORTEST) ? longest.map((one) => one.toLowerCase()) : undefined
}

/** Letters that a literal has at least: fewer would select too much. */
export const SHORTEST = 4

/** The fixed words of each alternative, broken wherever the pattern leaves something open. */
function runsOf(source: string): string[][] {
  const alternatives: string[][] = [['']]
  for (let at = 0; at < source.length; ) {
    const end = endOfAtom(source, at)
    const quantifier = /[?*+]\??|\{\d+(?:,\d*)?\}\??/y
    quantifier.lastIndex = end
    const repeated = quantifier.exec(source)?.[0] ?? ''
    if (source[at] === '|') alternatives.push([''])
    else append(alternatives.at(-1) ?? [], repeated === '' ? letterOf(source.slice(at, end)) : undefined)
    at = end + repeated.length
  }
  return alternatives
}

/** Where a letter, an escape, a class or a group ends that begins here. */
function endOfAtom(source: string, at: number): number {
  if (source[at] === '\\') return at + 2
  if (source[at] === '[') return endOfClass(source, at)
  if (source[at] !== '(') return at + 1
  let end = at + 1
  while (end < source.length && source[end] !== ')') end = endOfAtom(source, end)
  return end + 1
}

function endOfClass(source: string, at: number): number {
  let end = at + 1
  while (end < source.length && source[end] !== ']') end += source[end] === '\\' ? 2 : 1
  return end + 1
}

/** The letter that an atom stands for, if it is one; an empty one for an assertion, which takes no room. */
function letterOf(atom: string): string | undefined {
  if (atom === '^' || atom === '$' || atom === '\\b') return ''
  if (/^\\[^A-Za-z0-9]$/.test(atom)) return atom.slice(1)
  return /^[^\\.[(]/.test(atom) ? atom : undefined
}

function append(runs: string[], letter: string | undefined): void {
  if (letter === undefined) runs.push('')
  else runs.push((runs.pop() ?? '') + letter)
}
