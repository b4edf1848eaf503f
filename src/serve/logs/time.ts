import { Refusal } from '../refusal.ts'
import { quote } from '../selectors/quote.ts'

/** The layout that Go's `time.RFC3339` stands for, by its elements: what each is called, what it looks like, what it may be. */
const ELEMENTS: readonly Element[] = [
  { layout: '2006', looks: /^\d{4}/ },
  { layout: '-', looks: /^-/ },
  { layout: '01', looks: /^\d\d/, name: 'month', least: 1, most: 12 },
  { layout: '-', looks: /^-/ },
  { layout: '02', looks: /^\d\d/ },
  { layout: 'T', looks: /^T/ },
  { layout: '15', looks: /^\d\d?/, name: 'hour', least: 0, most: 23 },
  { layout: ':', looks: /^:/ },
  { layout: '04', looks: /^\d\d/, name: 'minute', least: 0, most: 59 },
  { layout: ':', looks: /^:/ },
  { layout: '05', looks: /^\d\d(?:[.,]\d+)?/, name: 'second', least: 0, most: 59 },
  { layout: 'Z07:00', looks: /^(?:Z|[+-]\d\d:\d\d)/ },
]

/**
 * Reads a time of a query in milliseconds, and refuses what is none in the API server's words (Go, time.Parse). Nothing and `null` are the
 * beginning of time (apimachinery, Time.UnmarshalQueryParameter); a fraction is left out, because the server does not pass it on to the
 * kubelet (kubernetes, LogLocation).
 */
export function parseTime(text: string): number {
  if (text === '' || text === 'null') return Number.NEGATIVE_INFINITY
  const [year = '', , month = '', , day = '', , hour = '', , minute = '', , second = '', zone = ''] = split(text)
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(day) < 1 || Number(day) > days) throw refuse(text, ': day out of range')
  return (
    Date.parse(`${year}-${month}-${day}T${hour.padStart(2, '0')}:${minute}:${second.slice(0, 2)}Z`) -
    offsetOf(text, zone)
  )
}

function split(text: string): string[] {
  const parts: string[] = []
  let rest = text
  for (const { layout, looks, name, least = 0, most = 0 } of ELEMENTS) {
    const part = looks.exec(rest)?.[0]
    if (part === undefined)
      throw refuse(text, ` as "2006-01-02T15:04:05Z07:00": cannot parse ${quote(rest)} as "${layout}"`)
    const value = Number.parseInt(part, 10)
    if (name !== undefined && (value < least || value > most)) throw refuse(text, `: ${name} out of range`)
    parts.push(part)
    rest = rest.slice(part.length)
  }
  if (rest !== '') throw refuse(text, `: extra text: ${quote(rest)}`)
  return parts
}

/** Milliseconds east of Greenwich. */
function offsetOf(text: string, zone: string): number {
  if (zone === 'Z') return 0
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number)
  // Go takes 24:00 and 00:60 for offsets.
  if (hours > 24) throw refuse(text, ': time zone offset hour out of range')
  if (minutes > 60) throw refuse(text, ': time zone offset minute out of range')
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function refuse(text: string, why: string): Refusal {
  return new Refusal(400, 'BadRequest', `parsing time ${quote(text)}${why}`)
}

interface Element {
  readonly layout: string
  readonly looks: RegExp
  readonly name?: string
  readonly least?: number
  readonly most?: number
}
