/** Letters that a literal has at least: fewer would select too much. */
export const SHORTEST = 4

/**
 * Words of which every text that matches a pattern contains one, in small letters: the longest that the pattern demands. Undefined where
 * it demands none.
 */
export function literalsOf(pattern: RegExp): readonly string[] | undefined {
  const literals = demandOf(pattern.source)
  return shortestOf(literals) >= SHORTEST ? literals.map((one) => one.toLowerCase()) : undefined
}

/** One literal for each alternative, where these are many; an empty one where an alternative demands nothing. */
function demandOf(source: string): string[] {
  return alternativesOf(source).flatMap((atoms) =>
    demandsOf(atoms).reduce((best, one) => (shortestOf(one) > shortestOf(best) ? one : best)),
  )
}

/** What a row of atoms demands: each run of fixed letters, and what each group does. */
function demandsOf(atoms: readonly string[]): [string[], ...string[][]] {
  const groups: string[][] = []
  const runs = ['']
  for (const atom of atoms) {
    const letter = letterOf(atom)
    if (letter === undefined) runs.push('')
    else runs.push((runs.pop() ?? '') + letter)
    const inner = atom.startsWith('(') ? GROUP.exec(atom)?.[1] : undefined
    if (inner !== undefined) groups.push(demandOf(inner))
  }
  return [[''], ...runs.map((run) => [run]), ...groups]
}

/** A group, whole and without a quantifier. */
const GROUP = /^\((?:\?:|\?<\w+>)(.*)\)$/s

/** The letter that an atom stands for, if it is one; an empty one for an assertion, which takes no room. */
function letterOf(atom: string): string | undefined {
  if (atom === '^' || atom === '$' || atom === '\\b' || atom.startsWith('(?!')) return ''
  if (atom.length === 1) return atom === '.' ? undefined : atom
  return /^\\[^A-Za-z0-9]$/.test(atom) ? atom.slice(1) : undefined
}

function shortestOf(literals: readonly string[]): number {
  return Math.min(...literals.map((one) => one.length))
}

/** The alternatives of a pattern as rows of atoms, each with its quantifier. */
function alternativesOf(source: string): string[][] {
  const alternatives: string[][] = [[]]
  for (let at = 0; at < source.length; ) {
    const end = endOfQuantifier(source, endOfAtom(source, at))
    if (source[at] === '|') alternatives.push([])
    else alternatives.at(-1)?.push(source.slice(at, end))
    at = end
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

function endOfQuantifier(source: string, at: number): number {
  // Few atoms have one, and a pattern has hundreds.
  if (!'?*+{'.includes(source[at] ?? ' ')) return at
  QUANTIFIER.lastIndex = at
  return at + (QUANTIFIER.exec(source)?.[0].length ?? 0)
}

const QUANTIFIER = /(?:[?*+]|\{\d+(?:,\d*)?\})\??/y
