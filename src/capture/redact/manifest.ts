import type { Mark } from './pattern.ts'
import { MARKER_ANYWHERE } from './pseudonym.ts'
import { endOfQuoted } from './quoted.ts'

/** A Secret that is written down in a text: in JSON (quoted any number of times) or in YAML, behind a log's timestamps or not. */
const JSON_KIND = /"kind\\*"\s{0,9}:\s{0,9}\\*"Secret\\*"/
const YAML_KIND = /^(?:\S{20,40} )?[ \t-]*kind:[ \t]*["']?Secret["']?[ \t\r]*(?:[ \t]#.*)?$/m

/** The members that hold the values, and the names and values in them; the same number of backslashes stands before every quote. */
const JSON_DATA = /(?<!\\)(\\*)"(?:data|stringData)\1"\s{0,9}:\s{0,9}\{\s{0,99}/g
const JSON_NAME = /\\*"[^"\n]{1,300}"\s{0,9}:\s{0,9}\\*"/y
const JSON_NEXT = /\\*"\s{0,9},\s{0,99}/y

const YAML_DATA = /^[ \t]*(?:- )?(?:data|stringData):[ \t]*(\{.*\}?|)[ \t\r]*(?:#.*)?$/
const TIMESTAMP = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) /

/** A Secret has at most 1 MiB (core/v1, MaxSecretSize), a third more in base64. */
const LONGEST = 1_500_000

/** Replaces the values of Secrets that are written down in a text; names and keys stay. */
export function redactManifests(text: string, mark: Mark): string {
  if (!text.includes('Secret')) return text
  const json = JSON_KIND.test(text) ? redactJson(text, mark) : text
  return YAML_KIND.test(json) ? redactYaml(json, mark) : json
}

/** A Secret's data is flat: names and strings, until something else comes. */
function redactJson(text: string, mark: Mark): string {
  let redacted = ''
  let at = 0
  JSON_DATA.lastIndex = 0
  for (let data = JSON_DATA.exec(text); data !== null; data = JSON_DATA.exec(text)) {
    const depth = (data[1] ?? '').length
    for (let begin = JSON_DATA.lastIndex; ; begin = JSON_NEXT.lastIndex) {
      JSON_NAME.lastIndex = begin
      if (!JSON_NAME.test(text)) break
      const start = JSON_NAME.lastIndex
      const end = endOfQuoted(text, start, '"', depth, LONGEST)
      redacted += text.slice(at, start) + markOnce(text.slice(start, end), mark)
      at = end
      JSON_NEXT.lastIndex = end
      if (!JSON_NEXT.test(text)) break
    }
    JSON_DATA.lastIndex = Math.max(JSON_DATA.lastIndex, at)
  }
  return redacted + text.slice(at)
}

/** Lines below `data:` or `stringData:` that are indented deeper: the value behind each key, and whole lines of blocks. */
function redactYaml(text: string, mark: Mark): string {
  let block = -1
  let keys = -1
  const lines = text.split('\n').map((line) => {
    const stamp = TIMESTAMP.exec(line)?.[0] ?? ''
    const content = line.slice(stamp.length)
    const indent = content.search(/[^\s]/)
    if (indent < 0) return line
    if (block < 0 || indent <= block) {
      keys = -1
      const flow = YAML_DATA.exec(content)?.[1]
      block = flow === '' ? content.search(/[ds]/) : -1
      return flow ? line.replace(flow, () => markOnce(flow, mark)) : line
    }
    if (keys < 0) keys = indent
    const [, before = content.slice(0, indent), value = content.slice(indent)] =
      (indent === keys && /^(\s*(?:[\w.-]+|"[^"]*"|'[^']*'):\s*)(.*)$/.exec(content)) || []
    const isBlockStart = value === '' || /^[|>][+-]?\d?\r?$/.test(value)
    return stamp + before + (isBlockStart ? value : markOnce(value, mark))
  })
  return lines.join('\n')
}

function markOnce(value: string, mark: Mark): string {
  return value === '' || MARKER_ANYWHERE.test(value) ? value : mark('secret', value)
}
