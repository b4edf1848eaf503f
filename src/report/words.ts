import type { Ref } from '../incident/reference.ts'

/** Control characters and escape sequences of a stranger's bundle have no business in a terminal. */
const CONTROL = /[\p{Cc}\p{Cf}]/gu

/** A text from the bundle on one line, safe to print. */
export function clean(text: string): string {
  return text.replace(/\s+/g, ' ').replace(CONTROL, '\ufffd').trim()
}

/** `Deployment shop/web`, `Node n1`. */
export function nameOf({ kind, namespace, name, container }: Ref): string {
  const full = namespace === undefined ? name : `${namespace}/${name}`
  return clean(`${kind} ${full}${container === undefined ? '' : ` (${container})`}`)
}

/** `11:58:03`, of an RFC 3339 time. */
export function clockOf(time: string | null): string {
  return time === null ? '' : time.slice(11, 19)
}

/** `2 min`, `3 h`, between two times; empty where one is unknown. */
export function spanOf(from: string | null, to: string | null): string {
  if (from === null || to === null) return ''
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000)
  if (seconds < 0) return ''
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}

/** Breaks a text into lines of a width, at spaces; a longer word has a line of its own. */
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
