import { nameBefore, nameBehind } from './beside.ts'
import { blockAt } from './block.ts'
import { isSensitiveName } from './names.ts'
import type { Mark } from './pattern.ts'
import { isProse } from './prose.ts'
import { MARKER_ANYWHERE } from './pseudonym.ts'
import { isHarmlessUnder, isObjectName } from './shape.ts'
import { type Span, valuesAt } from './values.ts'

const COLOUR = String.raw`(?:[^\s\w]\[[\d;]{0,8}m){0,2}`
/** In JSON the value may stand on the next line, in YAML too, if it is indented there and no mapping of its own. */
const NEXT_LINE = String.raw`(?:\r?\n(?:[ \t]{0,60}(?=\\*["'])|[ \t]{1,60}(?![ \t]|- |[\w.-]{1,64}:[ \t\r\n])))?`
/** A name and what stands between it and its value: `name=`, `name: `, `"name":`, `name => `, `[name]=`, `name%3D`; quotes escaped or not, in colours or not. */
const NAMED = String.raw`(?<![\w.-])([\w.-]{2,128})(\\*["'\])]?${COLOUR}[ \t]{0,40}(?:=>|:=|[=:]|%3[AaDd]|&#61;)${COLOUR}[ \t]{0,40}${NEXT_LINE})`
/** A flag and its value, apart. */
const FLAG = String.raw`(?<![\w.-])(--?[A-Za-z][\w.-]{1,64})(\s{1,3})(?!-)`
/** An element of XML that holds a text. */
const ELEMENT = String.raw`<([\w.-]{2,64})>(?=[^<\s])`
const HEAD = new RegExp([MARKER_ANYWHERE.source, NAMED, FLAG, ELEMENT].join('|'), 'g')
const UP_TO_TAG = /[^<\n]{1,400}/y

/** Words of which one is in every name that says secret; few and short, because every text is searched for them. */
export const PAIR_HINT =
  /pass|p(?:s?wd|sk|w|in)(?![a-z])|secret|token|credential|key|auth|connection.?string|connstr|bearer|cookie|signature|user-?data|presigned|session.?id|dockerc|(?:salt|otp|jwt|sas|dsn|hmac)(?![a-z])/i

/** Names in a chain of colons that is one name: of a service account, of a resource of AWS. */
const CHAIN = /(?:system:serviceaccounts?:|arn:aws[\w-]{0,10}:)[\w.:/-]{0,200}$/
/** AWS and others write it in two words: "Secret Access Key: …"; Kubernetes says which key of a Secret is "non-existent". */
const TWO_WORDS = /\b(?<!non-existent )(?:secret|access|api|private|account) $/i

interface Head {
  readonly name: string
  readonly start: number
  /** What stands between the name and its value. */
  readonly between: string
  readonly end: number
  readonly isElement: boolean
}

/** Replaces, in prose and in settings, the value that follows a name which says secret. Markers pass unchanged. */
export function redactPairs(text: string, mark: Mark): string {
  if (!PAIR_HINT.test(text)) return text
  let redacted = ''
  let at = 0
  HEAD.lastIndex = 0
  for (let found = HEAD.exec(text); found !== null; found = HEAD.exec(text)) {
    const [, name, between = '', flag, , element] = found
    const given = name ?? flag ?? element
    if (given === undefined) continue
    const isElement = element !== undefined
    const head = { name: given, start: found.index, between, end: HEAD.lastIndex, isElement }
    for (const { start, end } of secretsOf(text, head)) {
      redacted += text.slice(at, start) + markedAs(head, text, start, mark('key', text.slice(start, end)))
      at = end
    }
    HEAD.lastIndex = Math.max(HEAD.lastIndex, at)
  }
  return at === 0 ? text : redacted + text.slice(at)
}

/** A bare number under a quoted name is one of JSON: its marker is a string. */
function markedAs({ between }: Head, text: string, start: number, marker: string): string {
  const quote = /^\\*["'](?=\s{0,40}:)/.exec(between)?.[0]
  return quote !== undefined && /[\d-]/.test(text[start] ?? '') && !/["'`]/.test(text[start - 1] ?? '')
    ? quote + marker + quote
    : marker
}

function secretsOf(text: string, head: Head): readonly Span[] {
  const owner = ownerOf(text, head)
  if (owner === undefined || isOneName(text, head) || isVolume(text, head)) return []
  const spans = head.isElement ? textOfElement(text, head.end) : (blockOf(text, head) ?? valuesAt(text, head.end))
  return spans.filter(({ start, end }) => {
    const value = text.slice(start, end)
    return !(
      value.startsWith('<redacted:') ||
      isHarmlessUnder(owner, value) ||
      isProse(head.between, value, text.slice(end, end + 80)) ||
      (/^secrets?$/i.test(owner) && /["']/.test(text[start - 1] ?? '') && isObjectName(value))
    )
  })
}

/** The name that says secret: the one that was found, or that of the variable whose `value` it is. */
function ownerOf(text: string, { name, start, end }: Head): string | undefined {
  if (isSensitiveName(name)) return name
  if (/^key$/i.test(name))
    return TWO_WORDS.test(text.slice(Math.max(0, start - 40), start)) ? `private-${name}` : undefined
  if (!/^value$/i.test(name)) return undefined
  const quoted = valuesAt(text, end)[0]
  const owner = nameBefore(text, start) ?? (quoted && nameBehind(text, quoted.end))
  return owner !== undefined && isSensitiveName(owner) ? owner : undefined
}

/** Whether name and value, with a colon and no space between them, are one name: of an image with its tag, a file with its line, a host with its port. */
function isOneName(text: string, { start, between, end }: Head): boolean {
  if (between !== ':') return false
  if (/[/@]/.test(text[start - 1] ?? '') || CHAIN.test(text.slice(Math.max(0, start - 240), start))) return true
  return /^v?\d+(?:\.\d+){1,3}(?![\w])/.test(text.slice(end, end + 40))
}

/** The kubelet's `MountVolume.SetUp failed for volume "db-secret" : …` names a volume, and what follows is why. */
function isVolume(text: string, { start }: Head): boolean {
  return /\bvolume \\*["']$/.test(text.slice(Math.max(0, start - 16), start))
}

function blockOf(text: string, { start, between, end }: Head): readonly Span[] | undefined {
  const colon = between.lastIndexOf(':')
  return colon < 0 || between.includes('\n') ? undefined : blockAt(text, start, end - between.length + colon + 1)
}

function textOfElement(text: string, from: number): Span[] {
  UP_TO_TAG.lastIndex = from
  return UP_TO_TAG.test(text) ? [{ start: from, end: UP_TO_TAG.lastIndex }] : []
}
