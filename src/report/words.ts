import type { Citation } from '../incident/citation.ts'
import type { Ref } from '../incident/reference.ts'
import type { ReportDeadline } from '../rca/report.ts'

/** Control characters, bidi marks and other invisible ones of a stranger's bundle have no business in a terminal or a document. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu

/** A text from the bundle on one line, safe to print. */
export function clean(text: string): string {
  return text.replace(/\s+/g, ' ').replace(INVISIBLE, '\ufffd').trim()
}

/** Cuts a text to so many characters, and says so with an ellipsis. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text
  // Half of a pair of surrogates is no character.
  return `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** A name in Kubernetes has up to 253 characters; what is longer is none. */
const LONGEST_NAME = 600

/** `Deployment shop/web`, `Node n1`, `Pod shop/web-1 (app)`. */
export function nameOf({ kind, namespace, name, container }: Ref): string {
  const full = namespace === undefined ? name : `${namespace}/${name}`
  return cut(clean(`${kind} ${full}${container === undefined ? '' : ` (${container})`}`), LONGEST_NAME)
}

/** A symptom that weighs less breaks nothing by itself (docs/analyze.md). */
export const WORTH_TELLING = 3

/** Where evidence stands in the bundle: `logs/shop/web/uid/app.log:12`, `cluster/core/v1/pods/_all/0001.json#/items/0/spec`. */
export function placeOf(citation: Citation): string {
  return 'line' in citation ? `${citation.file}:${citation.line}` : `${citation.file}#${citation.pointer}`
}

/** `11:58:03` of an RFC 3339 time, with the day before it where that is not the other one's. */
export function clockOf(time: string, other: string): string {
  const clock = time.slice(11, 19)
  return time.slice(0, 10) === other.slice(0, 10) ? clock : `${time.slice(0, 10)} ${clock}`
}

/** `2026-01-31 11:58:03 UTC`, of an RFC 3339 time in UTC. */
export function momentOf(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`
}

/** `40 s`, `2 min`, `3 h`, between two times; undefined where the second is before the first. */
export function spanOf(from: string, to: string): string | undefined {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000)
  if (!(seconds >= 0)) return undefined
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}

/** `1 rule`, `20,000 rules`. */
export function countOf(count: number, noun: string): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${noun}${count === 1 ? '' : 's'}`
}

/** Breaks a text into lines of a width, at spaces; a longer word has a line of its own, so that it can be copied. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** When a node is replaced, by whom and why, and that its evidence goes with it. */
export function tellDeadline({ node, at, by, says }: ReportDeadline): string {
  return `Node ${node} is replaced or rebooted at ${momentOf(at)} by ${by}: ${says}. What only it holds goes with it.`
}
