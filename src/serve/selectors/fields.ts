import { badRequest } from './bad-query.ts'

/** One condition of a field selector: a field of the object, as the server names it, has a value or has not. */
export interface FieldTerm {
  readonly path: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** Reads a field selector as the API server does (apimachinery, pkg/fields). Throws Refusal with the server's own words. '' selects all. */
export function parseFieldSelector(text: string): readonly FieldTerm[] {
  // Sorted as the server sorts them: of several mistakes it names the first in this order.
  const parts = splitTerms(text).sort()
  const terms = parts.filter((part) => part !== '').map((part) => readTerm(part, text))
  // A lone operator asks nothing (fields.Selector.Transform).
  return terms.filter(({ path, value }) => path !== '' || value !== '')
}

/** Cuts at each comma that no backslash stands before. */
function splitTerms(text: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ',') {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)]
}

/** The first `!=`, `==` or `=` is the operator; a path knows no escapes. */
function readTerm(part: string, whole: string): FieldTerm {
  const operator = /!=|==?/.exec(part)
  if (!operator) throw badRequest(`invalid selector: '${whole}'; can't understand '${part}'`)
  const value = unescapeValue(part.slice(operator.index + operator[0].length))
  return { path: part.slice(0, operator.index), operator: operator[0] === '!=' ? '!=' : '=', value }
}

/** Backslash, comma and equals sign stand behind a backslash in a value, and nothing else does. */
function unescapeValue(value: string): string {
  return value.replace(/\\(.?)|[,=]/gsu, (found: string, escaped: string | undefined) => {
    if (escaped === undefined)
      throw badRequest(`invalid field selector: unescaped character in value: ${found.codePointAt(0)}`)
    if (!/^[\\,=]$/.test(escaped)) throw badRequest(`invalid field selector: invalid escape sequence: ${found}`)
    return escaped
  })
}
