import { Refusal } from '../refusal.ts'
import { text } from '../table/access.ts'

/**
 * Reads a review as clients written in Go send it (content type `application/vnd.kubernetes.protobuf`; kubectl 1.34 does), into what
 * its JSON would be. They do not turn to JSON where that is refused. Fields that no answer depends on are left out.
 */
export function readProtobufReview(body: Buffer): unknown {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed()
  const { type, raw } = readMessage(body.subarray(MAGIC.length), WRAPPER)
  const spec = SPECS.get(text(type, 'kind'))
  return { ...(type as object), ...(spec && Buffer.isBuffer(raw) ? readMessage(raw, { 2: ['spec', spec] }) : {}) }
}

/** What stands before a `runtime.Unknown`, which wraps every object (apimachinery, serializer/protobuf). */
const MAGIC = Buffer.from('k8s\0')

/** The fields of a message by number: a text, bytes, a message, or a list of which only the length counts. */
type Message = Readonly<Record<number, readonly [name: string, type: 'text' | 'bytes' | 'items' | Message]>>

const WRAPPER: Message = {
  1: ['type', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }],
  2: ['raw', 'bytes'],
}

const SELECTOR: Message = { 1: ['rawSelector', 'text'], 2: ['requirements', 'items'] }

const RESOURCE_ATTRIBUTES: Message = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
  8: ['fieldSelector', SELECTOR],
  9: ['labelSelector', SELECTOR],
}

const ACCESS_SPEC: Message = {
  1: ['resourceAttributes', RESOURCE_ATTRIBUTES],
  2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }],
}

/** As k8s.io/api/authorization/v1/generated.proto numbers them; v1beta1 does alike. */
const SPECS: ReadonlyMap<string, Message> = new Map<string, Message>([
  ['SelfSubjectAccessReview', ACCESS_SPEC],
  ['SelfSubjectRulesReview', { 1: ['namespace', 'text'] }],
])

function readMessage(bytes: Buffer, message: Message): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [number, value] of readFields(bytes)) {
    const [name, type] = message[number] ?? []
    if (name === undefined || type === undefined) continue
    if (type === 'text') found[name] = value.toString()
    else if (type === 'bytes') found[name] = value
    else if (type === 'items') found[name] = [{}]
    else found[name] = readMessage(value, type)
  }
  return found
}

/** The fields that have a length, with their numbers (protobuf.dev, Encoding); numbers are read over. */
function* readFields(bytes: Buffer): Generator<[number: number, value: Buffer]> {
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at)
    const next = readVarint(bytes, tag.end)
    const wire = tag.value % 8
    at = next.end
    if (wire === WIRE_VARINT) continue
    if (wire !== WIRE_LENGTH || at + next.value > bytes.length) throw malformed()
    yield [Math.floor(tag.value / 8), bytes.subarray(at, at + next.value)]
    at += next.value
  }
}

/** The only two that reviews hold. */
const WIRE_VARINT = 0
const WIRE_LENGTH = 2

/** 64 bits, in groups of seven. */
const LONGEST_VARINT = 10

function readVarint(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0
  for (let place = 0; place < LONGEST_VARINT; place++) {
    const byte = bytes[start + place]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * place)
    if (byte < 0x80) return { value, end: start + place + 1 }
  }
  throw malformed()
}

function malformed(): Refusal {
  return new Refusal(400, 'BadRequest', 'the body of the request is no review in protobuf')
}
