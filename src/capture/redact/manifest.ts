import { MARKER_ANYWHERE } from './pseudonym.ts'
import type { Mark } from './tokens.ts'

/** A Secret that is written down in a text: in JSON (quoted any number of times) or in YAML, behind a log's timestamps or not. */
const JSON_KIND = /\\*"kind\\*"\s*:\s*\\*"Secret\\*"/
const YAML_KIND = /^(?:\S{20,40} )?[ \t-]*kind:[ \t]*["']?Secret["']?[ \t\r]*$/m

/** Its members that hold the values, with what stands between their braces: a Secret's data is flat. */
const JSON_DATA = /(\\*"(?:data|stringData)\\*"\s*:\s*\{)([^{}]{0,1000000})/g
const JSON_VALUE = /(:\s*(\\*)")((?:(?!\2")[^\n]){0,1000000}?)(?=\2")/g

const TIMESTAMP = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) /

/** Replaces the values of Secrets that are written down in a text; names and keys stay. */
export function redactManifests(text: string, mark: Mark): string {
  if (!text.includes('Secret')) return text
  const json = JSON_KIND.test(text) ? redactJson(text, mark) : text
  return YAML_KIND.test(json) ? redactYaml(json, mark) : json
}

function redactJson(text: string, mark: Mark): string {
  return text.replace(JSON_DATA, (_, head: string, members: string) => {
    const redacted = members.replace(JSON_VALUE, (_, before: string, _quote: string, value: string) =>
      before.concat(markOnce(value, mark)),
    )
    return head.concat(redacted)
  })
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
      block = /^[ \t]*(?:- )?(?:data|stringData):[ \t\r]*$/.test(content) ? content.search(/[ds]/) : -1
      return line
    }
    if (keys < 0) keys = indent
    const [, before = content.slice(0, indent), value = content.slice(indent)] =
      (indent === keys && /^(\s*["']?[\w.-]+["']?:\s*)(.*)$/.exec(content)) || []
    const isBlockStart = value === '' || /^[|>][+-]?\d?\r?$/.test(value)
    return stamp + before + (isBlockStart ? value : markOnce(value, mark))
  })
  return lines.join('\n')
}

function markOnce(value: string, mark: Mark): string {
  return value === '' || MARKER_ANYWHERE.test(value) ? value : mark('secret', value)
}
