import { isUtf8 } from 'node:buffer'
import { createKeyReader, KEY } from './keys.ts'
import { isSensitiveName } from './names.ts'
import { createRepeats, type Repeats } from './repeats.ts'

/**
 * Where a value stands, as far as redaction cares. A scan carries one of these down the tree; `enter` in this file says which key leads
 * from where to where.
 */
export const AT = {
  /** Strings are searched for tokens only. */
  plain: 0,
  /** The document: a list, or with `changes` one line. */
  root: 1,
  items: 2,
  /** One Kubernetes object. */
  item: 3,
  metadata: 4,
  spec: 5,
  status: 6,
  /** `env`: a list of {name, value}, or a map. */
  env: 7,
  envItem: 8,
  args: 9,
  annotations: 10,
  /** Under a key that names a secret, at any depth. */
  sensitive: 11,
  configData: 12,
  crdVersions: 13,
  crdVersion: 14,
  secretData: 15,
  /** JSON inside an annotation: every string is judged. */
  judged: 16,
  /** Under one of Kubernetes' own keys (`secret`, `imagePullSecrets` …): a string is a secret, an object points at one. */
  secretSource: 17,
  /** Labels and selectors: no key means anything, and strings are searched for tokens only. */
  labels: 18,
  /** An element of a list of variables that is a string: `NAME=value`. */
  assignment: 19,
  /** `data` of a ConfigMap that is no object of its own, but written down in another one. */
  embeddedData: 20,
  /** `binaryData` of a ConfigMap: no rule can read it. */
  withheld: 21,
  /** `managedFields`: who set which field. */
  managed: 22,
} as const

/** What a scan does with the strings it meets; positions are those of the content between the quotes. */
export interface Visitor {
  /** `at` is where the string stands, `keyStart`/`keyEnd` its key (in a list: the key of the list). */
  string(at: number, start: number, end: number, keyStart: number, keyEnd: number, escaped: boolean): void
  /** A number under a key that says secret. */
  number(start: number, end: number, keyStart: number, keyEnd: number): void
  /** A value that is left out: from the key (or the comma before it) to the comma after it. */
  drop(start: number, end: number, meaning: number): void
  /** A part of the current object that planning wants: the whole value. */
  pick(meaning: number, at: number, start: number, end: number): void
  beginItem(start: number): void
  /** An element of `env` begins: its value may stand before its name. */
  beginVariable(): void
  endItem(end: number): void
}

/** What kind of document is scanned. */
export interface ScanPlan {
  /** `pods`, or of another group `deployments.apps`; `''` where the objects are no Kubernetes resource. */
  readonly resource: string
  readonly start: number
  /** Meanings of keys whose values planning wants, at item, metadata, spec and status level. */
  readonly picks: ReadonlySet<number>
  readonly drops: ReadonlySet<number>
}

/** Deeper nesting than this is an attack, not an object (the API server's own limit is 10,000; objects reach 40). */
const DEEPEST = 1000

/** In a shorter document little is repeated. */
const LONG = 64 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a

/** 1 for the end of a string, 2 for an escape, 3 for a byte that no string may hold raw, 4 and up for what a secret may be told by. */
const CLASS = new Uint8Array(256)
CLASS.fill(3, 0, 0x20)
CLASS[QUOTE] = 1
CLASS[BACKSLASH] = 2
for (const byte of Buffer.from('=JK_z<')) CLASS[byte] = 4
CLASS[0x2d] = 5
CLASS[0x42] = 6
CLASS[0x62] = 6
CLASS[0x53] = 7
CLASS[COLON] = 8

// hvs. SG. ya29. k8s-aws-v1.
CLASS[0x2e] = 9
// %3D
CLASS[0x25] = 10
// passw, requirepass, a value in single quotes, tcp(
for (const byte of Buffer.from("wq'(")) CLASS[byte] = 11

/** What names consist of. */
const IS_NAME = new Uint8Array(256)
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-')) IS_NAME[byte] = 1

/** What container ids consist of, and the runtimes that stand before them, with the quote (core/v1: ContainerStatus.containerID). */
const IS_HEX = new Uint8Array(256)
for (const byte of Buffer.from('0123456789abcdef')) IS_HEX[byte] = 1
const RUNTIMES = ['"containerd', '"cri-o', '"docker'].map((runtime) => Buffer.from(runtime))

/** Only strings can be secrets; a search for the quote before it as well would be slow, because quotes are everywhere. */
const SET_VALUE = Buffer.from('v:\\"')

/** Letters before the underscores of well-known tokens. */
const UNDERSCORED = new Set(Buffer.from('pousrtemfc'))

/** The last two letters before the dashes of well-known tokens, as one number. */
const DASHED = new Set(['at', 'rt', 'pp', 'pi', 'GE', 'sk'].map((letters) => Buffer.from(letters).readUInt16BE()))

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isBeforeTime(byte: number): boolean {
  return byte === 0x54 || byte === COLON
}

/** What the members of an object say about others of it; `known` once they have been looked at. */
const FACTS = { known: 1, sensitiveName: 2, secret: 4, configMap: 8 } as const

const factOfName = (name: string) => (isSensitiveName(name) ? FACTS.sensitiveName : 0)
const factOfKind = (kind: string) => (kind === 'Secret' ? FACTS.secret : kind === 'ConfigMap' ? FACTS.configMap : 0)
const FACT_OF_KEY = new Map<string, (value: string) => number>([
  ['name', factOfName],
  ['Name', factOfName],
  ['key', factOfName],
  ['Key', factOfName],
  ['kind', factOfKind],
])

/** Members of a selector of a key: all others are more than that. */
const SELECTOR = new Map([
  ['name', 1],
  ['objectName', 1],
  ['key', 2],
  ['namespace', 0],
  ['optional', 0],
])
const NAME_AND_KEY = 3
const OTHER_MEMBER = 4

/** `false`, `null`, `true`, by their first letter. */
const LITERALS: readonly (Buffer | undefined)[] = [...'fghijklmnopqrst'].map(
  (letter) => ({ f: Buffer.from('false'), n: Buffer.from('null'), t: Buffer.from('true') })[letter],
)

const keys = createKeyReader()

/**
 * Walks a JSON document once, byte by byte, without making objects or strings, and tells a visitor what matters. Throws SyntaxError on
 * what is not JSON, so that nothing passes unread.
 */
export function scanJson(buffer: Buffer, plan: ScanPlan, visitor: Visitor): void {
  const scan = idle.pop() ?? createScanner()
  try {
    scan(buffer, plan, visitor)
  } finally {
    idle.push(scan)
  }
}

type Scan = typeof scanJson

/** Scanners are used again, because what is made anew for each document is compiled anew, too; JSON inside of an annotation takes another. */
const idle: Scan[] = []

function createScanner(): Scan {
  let buffer: Buffer
  let plan: ScanPlan
  let visitor: Visitor
  let length = 0
  let position = 0
  let depth = 0
  let keyStart = 0
  let keyEnd = 0
  let escaped = false
  let special = false
  let manifests: boolean | undefined
  let told = 0
  let repeats: Repeats | undefined

  function fail(): never {
    throw new SyntaxError(`not JSON at byte ${position}`)
  }

  function tell(): Visitor {
    told++
    return visitor
  }

  function skipSpace(): number {
    let byte = buffer[position] ?? 0
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = buffer[++position] ?? 0
    return byte
  }

  /** Position stands behind the opening quote; returns the position of the closing one, which it is left on. */
  function readString(): number {
    let at = position
    escaped = false
    special = false
    for (;;) {
      const byte = buffer[at]
      if (byte === undefined) fail()
      const kind = CLASS[byte] ?? 0
      if (kind === 0) {
        at++
        continue
      }
      if (kind === 1) {
        position = at
        return at
      }
      if (kind === 2) {
        escaped = true
        at += 2
        continue
      }
      if (kind === 3) fail()
      if (!special && isTelling(kind, byte, at)) special = true
      at++
    }
  }

  /** Whether a byte of a telling class stands where a secret of `tokens.ts` would have it; wrong alarms only cost a closer look. */
  function isTelling(kind: number, byte: number, at: number): boolean {
    const before = buffer[at - 1] ?? 0
    const behind = buffer[at + 1] ?? 0
    // -----BEGIN, glpat-, glrt-, xapp-, pypi-, AGE-, xoxb-, sk-, and a flag with its value apart
    if (kind === 5) {
      const second = buffer[at - 2]
      return (
        behind === 0x2d ||
        DASHED.has((second ?? 0) * 256 + before) ||
        second === 0x78 ||
        before <= 0x20 ||
        before === QUOTE
      )
    }
    // Bearer, basic, in any case
    if (kind === 6) return (behind | 0x20) === 0x65 || (behind | 0x20) === 0x61
    // ASIA, LS0t (a private key in base64)
    if (kind === 7) return (before === 0x41 && behind === 0x49) || (before === 0x4c && behind === 0x30)
    // name: value and scheme://, but not the time of day (T08:00:00), nor the tag and the digest of an image
    if (kind === 8) {
      if (isDigit(behind) && isDigit(before) && isBeforeTime(buffer[at - 3] ?? 0)) return false
      return behind === 0x2f ? !isContainerId(at) : !isOfImage(behind, at)
    }
    if (kind === 9) return isDotted(before, at)
    if (kind === 10) return behind === 0x33
    if (kind === 11) return isOfSetting(byte, before, at)
    // eyJ, AKIA, AIza
    if (byte === 0x4a) return before === 0x79
    if (byte === 0x4b) return before === 0x41
    if (byte === 0x7a) return before === 0x49
    // ghp_, gho_, ghu_, ghs_, ghr_, pat_, live_, npm_, hf_, dop_, whsec_
    if (byte === 0x5f) return UNDERSCORED.has(before)
    return true
  }

  /** `containerd://` and hex digits to the end: every container of every pod has one, and nothing in it can be told for a secret. */
  function isContainerId(colon: number): boolean {
    const from = RUNTIMES.find((runtime) => buffer[colon - runtime.length] === QUOTE)
    if (from === undefined || buffer[colon - from.length - 1] === BACKSLASH) return false
    if (buffer.compare(from, 0, from.length, colon - from.length, colon) !== 0) return false
    let at = colon + 3
    while (IS_HEX[buffer[at] ?? 0] === 1) at++
    return buffer[at] === QUOTE && buffer[colon + 2] === 0x2f
  }

  /** `/name:v1`, `/name:1` and `@sha256:`, which `isOneName` of `pairs.ts` lets pass. */
  function isOfImage(behind: number, colon: number): boolean {
    let at = colon - 1
    while (IS_NAME[buffer[at] ?? 0] === 1) at--
    return buffer[at] === 0x2f ? behind === 0x76 || isDigit(behind) : buffer[at] === 0x40 && behind > 0x20
  }

  /** passw, equi, a quote behind a space, tcp( unix( udp( */
  function isOfSetting(byte: number, before: number, at: number): boolean {
    if (byte === 0x77) return before === 0x73 && buffer[at - 2] === 0x73
    if (byte === 0x28) return before === 0x70 || before === 0x78
    return byte === 0x71 ? before === 0x65 && buffer[at + 2] === 0x69 : before <= 0x20
  }

  /** hvs. hvb. SG. ya29. -v1. */
  function isDotted(before: number, at: number): boolean {
    const second = buffer[at - 2]
    if (before === 0x73 || before === 0x62) return second === 0x76
    if (before === 0x31) return second === 0x76 && buffer[at - 3] === 0x2d
    return (before === 0x47 && second === 0x53) || (before === 0x39 && second === 0x32)
  }

  function value(at: number): void {
    const byte = skipSpace()
    if (byte === QUOTE) {
      const start = ++position
      const end = readString()
      position++
      if ((at !== AT.plain && at !== AT.labels) || special || escaped)
        tell().string(at, start, end, keyStart, keyEnd, escaped)
    } else if (byte === 0x7b) object(at)
    else if (byte === 0x5b) array(at)
    else scalar()
  }

  function scalar(): void {
    const start = position
    for (;;) {
      const byte = buffer[position]
      if (byte === undefined || byte === COMMA || byte === 0x7d || byte === 0x5d || byte <= 0x20) break
      position++
    }
    if (!isScalar(start, position)) fail()
  }

  function isScalar(start: number, end: number): boolean {
    const first = buffer[start] ?? 0
    if (first === 0x2d || isDigit(first)) return isNumber(start, end)
    const literal = LITERALS[first - 0x66]
    if (literal?.length !== end - start) return false
    for (let at = 1; at < literal.length; at++) if (literal[at] !== buffer[start + at]) return false
    return true
  }

  /** RFC 8259, section 6: no leading zeros, digits on both sides of the point. */
  function isNumber(start: number, end: number): boolean {
    let at = buffer[start] === 0x2d ? start + 1 : start
    const whole = at
    at = endOfDigits(at, end)
    if (at === whole || (buffer[whole] === 0x30 && at > whole + 1)) return false
    if (at < end && buffer[at] === 0x2e) {
      const fraction = ++at
      at = endOfDigits(at, end)
      if (at === fraction) return false
    }
    if (at < end && ((buffer[at] ?? 0) | 0x20) === 0x65) {
      at++
      if (buffer[at] === 0x2b || buffer[at] === 0x2d) at++
      const exponent = at
      at = endOfDigits(at, end)
      if (at === exponent) return false
    }
    return at === end
  }

  function endOfDigits(from: number, end: number): number {
    let at = from
    while (at < end && isDigit(buffer[at] ?? 0)) at++
    return at
  }

  function array(at: number): void {
    if (++depth > DEEPEST) fail()
    const listKeyStart = keyStart
    const listKeyEnd = keyEnd
    position++
    if (skipSpace() === 0x5d) {
      position++
      depth--
      return
    }
    const inside = elementOf(at)
    for (;;) {
      keyStart = listKeyStart
      keyEnd = listKeyEnd
      const first = skipSpace()
      if (inside === AT.item && first === 0x7b) item()
      else value(inside === AT.envItem && first === QUOTE ? AT.assignment : inside)
      const byte = skipSpace()
      position++
      if (byte === 0x5d) break
      if (byte !== COMMA) fail()
    }
    depth--
  }

  function item(): void {
    tell().beginItem(position)
    object(AT.item)
    tell().endItem(position)
  }

  function object(given: number): void {
    if (++depth > DEEPEST) fail()
    if (given === AT.envItem) tell().beginVariable()
    const first = ++position
    const at = given === AT.sensitive && isSelector(first) ? AT.secretSource : given
    let facts = 0
    let comma = -1
    if (skipSpace() === 0x7d) {
      position++
      depth--
      return
    }
    for (;;) {
      if (skipSpace() !== QUOTE) fail()
      const start = ++position
      const end = keys.read(buffer, start)
      if (end < 0) fail()
      const meaning = keys.meaning()
      position = end + 1
      if (skipSpace() !== COLON) fail()
      position++
      keyStart = start
      keyEnd = end
      const dropped = meaning !== 0 && isDropped(at, meaning)
      if (at === AT.managed) managed()
      else if (dropped) skipValue()
      else if (meaning !== 0) {
        if (facts === 0 && isJudgedBySiblings(at, meaning)) facts = factsOf(first)
        member(at, meaning, facts)
      } else other(inherit(at))
      const byte = skipSpace()
      if (dropped) {
        if (byte === COMMA) tell().drop(start - 1, position + 1, meaning)
        else tell().drop(comma < 0 ? start - 1 : comma, position, meaning)
      }
      comma = position++
      if (byte === 0x7d) break
      if (byte !== COMMA) fail()
    }
    depth--
  }

  /** The value of a key that means nothing: where it has stood before and nothing in it mattered, it is not read again. */
  function other(at: number): void {
    const first = skipSpace()
    if (first !== 0x7b && first !== 0x5b) {
      value(at)
      return
    }
    if (isRepeated(at)) return
    const key = keys.id()
    const start = position
    const before = told
    value(at)
    if (told === before) repeats?.add(key, at, start, position)
  }

  /** Passes a value that stood under the same key before. */
  function isRepeated(at: number): boolean {
    const end = repeats?.find(keys.id(), at, position) ?? -1
    if (end < 0) return false
    position = end
    return true
  }

  function member(at: number, meaning: number, facts: number): void {
    const inside = enter(at, meaning, facts)
    const isPick = isPlaceOf(meaning, at) && plan.picks.has(meaning)
    const memberStart = keyStart
    const memberEnd = keyEnd
    if (meaning === KEY.token) tell().string(AT.plain, keyStart, keyEnd, keyStart, keyEnd, isEscaped(keyStart, keyEnd))
    const first = skipSpace()
    const start = position
    if (inside === AT.item && first === 0x7b) item()
    // `env: prod` says where something runs.
    else value(meaning === KEY.env && first === QUOTE ? inherit(at) : inside)
    if (meaning === KEY.sensitive && inside === AT.sensitive && (isDigit(first) || first === 0x2d))
      tell().number(start, position, memberStart, memberEnd)
    if (isPick) tell().pick(meaning, at, start, position)
  }

  /** A name is that of the object in its metadata only. */
  function isPlaceOf(meaning: number, at: number): boolean {
    return at === AT.metadata || at === AT.spec || (at === AT.item && meaning !== KEY.name && meaning !== KEY.namespace)
  }

  function isEscaped(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (buffer[at] === BACKSLASH) return true
    return false
  }

  /** What the siblings of a member say about it: `value` is judged by `name` (of a variable it is anyway), `data` by `kind`. */
  function isJudgedBySiblings(at: number, meaning: number): boolean {
    return (
      (meaning === KEY.value && at !== AT.envItem) ||
      ((meaning === KEY.data || meaning === KEY.binaryData) && hasManifests())
    )
  }

  function hasManifests(): boolean {
    manifests ??= buffer.indexOf('"Secret"') >= 0 || buffer.indexOf('"ConfigMap"') >= 0
    return manifests
  }

  /** Whether an object only says in which Secret, and under which key of it, a secret is kept (core/v1: SecretKeySelector). */
  function isSelector(first: number): boolean {
    const back = position
    position = first
    let found = 0
    while (skipSpace() === QUOTE) {
      const start = ++position
      const end = endOfString(start)
      found |= SELECTOR.get(end - start <= 10 ? buffer.toString('latin1', start, end) : '') ?? OTHER_MEMBER
      position = end + 1
      if (found >= OTHER_MEMBER || skipSpace() !== COLON) break
      position++
      const value = skipSpace()
      if (value === 0x7b || value === 0x5b) break
      skipValue()
      if (skipSpace() === 0x7d) {
        position = back
        return found === NAME_AND_KEY
      }
      position++
    }
    position = back
    return false
  }

  /** Looks at all members of the object whose first one stands at `first`, once for each object; the position stays. */
  function factsOf(first: number): number {
    const back = position
    let facts = FACTS.known
    position = first
    for (;;) {
      if (skipSpace() !== QUOTE) fail()
      const start = ++position
      const end = endOfString(start)
      const fact = FACT_OF_KEY.get(end - start <= 4 ? buffer.toString('latin1', start, end) : '')
      position = end + 1
      if (skipSpace() !== COLON) fail()
      position++
      const isText = skipSpace() === QUOTE
      const from = position + 1
      skipValue()
      if (fact !== undefined && isText) facts |= fact(buffer.toString('utf8', from, position - 1))
      const byte = skipSpace()
      position++
      if (byte === 0x7d) break
      if (byte !== COMMA) fail()
    }
    position = back
    return facts
  }

  /** A member of an entry of `managedFields`: names of fields, but of a set its values, too: `"v:\"…\""` (structured-merge-diff, FieldsV1). */
  function managed(): void {
    const first = skipSpace()
    if (first !== 0x7b && first !== 0x5b) value(AT.plain)
    else if (!isRepeated(AT.managed)) fields()
  }

  function fields(): void {
    const key = keys.id()
    const start = position
    skipValue()
    if (buffer.subarray(start, position).includes(SET_VALUE)) {
      position = start
      value(AT.plain)
    } else repeats?.add(key, AT.managed, start, position)
  }

  /** Passes a value without looking into it: strings are skipped, brackets counted; what is no JSON inside fails behind it or in the reader. */
  function skipValue(): void {
    const first = skipSpace()
    if (first === QUOTE) {
      position = endOfString(position + 1) + 1
      return
    }
    if (first !== 0x7b && first !== 0x5b) {
      scalar()
      return
    }
    let at = position
    let open = 0
    do {
      const byte = buffer[at++]
      if (byte === QUOTE) at = endOfString(at) + 1
      else if (byte === 0x7b || byte === 0x5b) open++
      else if (byte === 0x7d || byte === 0x5d) open--
      else if (byte === undefined) fail()
    } while (open > 0)
    position = at
  }

  function endOfString(start: number): number {
    let at = start
    for (;;) {
      const byte = buffer[at]
      if (byte === QUOTE) return at
      if (byte === undefined) fail()
      at += byte === BACKSLASH ? 2 : 1
    }
  }

  function isDropped(at: number, meaning: number): boolean {
    return at === (meaning === KEY.schema ? AT.crdVersion : AT.status) && plan.drops.has(meaning)
  }

  /** Where the members of an object stand whose key means nothing. */
  function inherit(at: number): number {
    switch (at) {
      case AT.annotations:
      case AT.configData:
      case AT.secretData:
      case AT.env:
      case AT.judged:
      case AT.sensitive:
      case AT.secretSource:
      case AT.labels:
      case AT.embeddedData:
      case AT.withheld:
        return at
      default:
        return AT.plain
    }
  }

  function elementOf(at: number): number {
    if (at === AT.items) return AT.item
    if (at === AT.env) return AT.envItem
    if (at === AT.crdVersions) return AT.crdVersion
    if (at === AT.managed || at === AT.args || at === AT.sensitive || at === AT.secretSource || at === AT.judged)
      return at
    return AT.plain
  }

  /** Where the value of a key stands that means something. */
  function enter(at: number, meaning: number, facts: number): number {
    if (
      at === AT.annotations ||
      at === AT.configData ||
      at === AT.secretData ||
      at === AT.embeddedData ||
      at === AT.withheld
    )
      return at
    if (at === AT.labels) return at
    switch (meaning) {
      case KEY.env:
        return AT.env
      case KEY.args:
        return AT.args
      case KEY.annotations:
        return AT.annotations
      case KEY.stringData:
        return AT.secretData
      case KEY.sensitive:
        return AT.sensitive
      case KEY.secretSource:
        return at === AT.sensitive ? at : AT.secretSource
      case KEY.value:
        if (at === AT.envItem) return AT.env
        return (facts & FACTS.sensitiveName) !== 0 ? AT.sensitive : inherit(at)
      case KEY.labels:
        return at === AT.judged || at === AT.sensitive ? at : AT.labels
      case KEY.name:
        return at === AT.envItem ? AT.envItem : inherit(at)
      case KEY.items:
        return at === AT.root && plan.resource !== '' ? AT.items : inherit(at)
      case KEY.object:
        return at === AT.root && plan.resource !== '' ? AT.item : inherit(at)
      case KEY.managedFields:
        return at === AT.metadata ? AT.managed : inherit(at)
      case KEY.metadata:
        return at === AT.item ? AT.metadata : inherit(at)
      case KEY.spec:
        return at === AT.item ? AT.spec : inherit(at)
      case KEY.status:
        return at === AT.item ? AT.status : inherit(at)
      case KEY.data:
        if ((facts & FACTS.secret) !== 0 || (at === AT.item && plan.resource === 'secrets')) return AT.secretData
        if (at === AT.item && plan.resource === 'configmaps') return AT.configData
        return (facts & FACTS.configMap) !== 0 ? AT.embeddedData : inherit(at)
      case KEY.binaryData:
        if ((facts & FACTS.secret) !== 0 || (at === AT.item && plan.resource === 'secrets')) return AT.secretData
        return (at === AT.item && plan.resource === 'configmaps') || (facts & FACTS.configMap) !== 0
          ? AT.withheld
          : inherit(at)
      case KEY.secretKey:
        // The key in the Secret that an ExternalSecret makes (external-secrets.io, "ExternalSecret").
        return plan.resource.endsWith('.external-secrets.io') ? inherit(at) : AT.sensitive
      case KEY.selector:
        // A map of labels in the core group (core/v1: ServiceSpec, ReplicationControllerSpec); elsewhere it holds matchLabels, or anything.
        return at !== AT.judged && at !== AT.sensitive && !plan.resource.includes('.') ? AT.labels : inherit(at)
      case KEY.versions:
        return plan.resource === 'customresourcedefinitions.apiextensions.k8s.io' && at === AT.spec
          ? AT.crdVersions
          : inherit(at)
      default:
        return inherit(at)
    }
  }

  return (givenBuffer, givenPlan, givenVisitor) => {
    // RFC 8259, section 8.1.
    if (!isUtf8(givenBuffer)) throw new SyntaxError('not UTF-8')
    buffer = givenBuffer
    plan = givenPlan
    visitor = givenVisitor
    length = buffer.length
    position = 0
    depth = 0
    keyStart = 0
    keyEnd = 0
    manifests = undefined
    repeats = length > LONG ? createRepeats(buffer) : undefined
    if (plan.start === AT.item) {
      if (skipSpace() !== 0x7b) fail()
      item()
    } else value(plan.start)
    skipSpace()
    if (position < length) fail()
  }
}
