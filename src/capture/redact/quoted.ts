/**
 * The end of what stands in quotes that are themselves quoted `depth` backslashes deep; the end of the line where they are not closed.
 * At most `longest` characters are looked at.
 */
export function endOfQuoted(text: string, start: number, quote: string, depth: number, longest: number): number {
  const last = Math.min(text.length, start + longest)
  let backslashes = 0
  for (let at = start; at < last; at++) {
    const char = text[at]
    if (char === '\n') return at
    if (char === '\\') backslashes++
    else {
      if (char === quote && isClosing(backslashes, depth)) return at - depth
      backslashes = 0
    }
  }
  return last
}

/** Of n backslashes before a quote, those that are not quoted ones are `depth` at the end of the string, and more inside of it. */
function isClosing(backslashes: number, depth: number): boolean {
  return depth === 0 ? backslashes % 2 === 0 : backslashes === depth || (backslashes - depth) % (2 * depth + 2) === 0
}
