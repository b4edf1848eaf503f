import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { KubeError } from './client.ts'

/** A WebSocket that is open. Reading is pulled and writing waits, so that neither side is ever ahead of the other by more than a buffer. */
export interface WebSocket {
  /** The subprotocol that the server chose; empty where it chose none. */
  readonly protocol: string
  /** Whole messages, in order. Ends when the server closes; throws KubeError when the connection breaks. Read once. */
  readonly messages: AsyncIterable<Buffer>
  /** Resolves when the message is on its way, and more may be sent. */
  send(message: Buffer): Promise<void>
  /** Says goodbye and ends the connection. */
  close(): void
}

/** Kinds of frames (RFC 6455 section 5.2). */
const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** A kubelet sends what it has read, 32 KiB at a time (kubernetes/streaming, pkg/httpstream/wsstream); more than this is no message of its. */
const MOST_BYTES = 16 * 1024 * 1024

/** A kubelet sends whole messages, and what stands between cuts them into pieces of some KiB: more pieces than this are no message either. */
const MOST_PIECES = 8192

/** Milliseconds for the other side to close, when we have. */
const GOODBYE_MS = 1000

/** Closed as meant (RFC 6455 section 7.4.1). */
const NORMAL = 1000

/** Speaks RFC 6455, as a client, over a connection that was upgraded; `silence` is the time in milliseconds after which it counts as broken, by default never. */
export function speakWebSocket(socket: Duplex, protocol: string, silence = 0): WebSocket {
  const patience = startPatience(socket, silence)
  let closing = false

  async function write(opcode: number, payload: Buffer): Promise<void> {
    if (socket.destroyed || socket.writableEnded) throw broken('it is closed')
    if (!socket.write(frame(opcode, payload))) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
  }

  function close(code = NORMAL): void {
    if (closing || socket.destroyed) return
    closing = true
    const status = Buffer.alloc(2)
    status.writeUInt16BE(code)
    socket.write(frame(OPCODE.close, status))
    socket.end()
    // Whoever does not answer a goodbye is not waited for.
    setTimeout(() => socket.destroy(), GOODBYE_MS).unref()
  }

  async function* read(): AsyncGenerator<Buffer> {
    let parts: Buffer[] = []
    let length = 0
    patience.wind()
    try {
      for await (const { opcode, final, payload } of readFrames(socket, patience.wind)) {
        if (opcode === OPCODE.close) return
        if (opcode === OPCODE.ping) await write(OPCODE.pong, payload)
        if (opcode > OPCODE.binary) continue
        parts.push(payload)
        length += payload.length
        if (length > MOST_BYTES) throw broken(`a message is longer than ${MOST_BYTES} bytes`)
        if (parts.length > MOST_PIECES) throw broken(`a message has more than ${MOST_PIECES} pieces`)
        if (!final) continue
        patience.stop()
        yield parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
        patience.wind()
        parts = []
        length = 0
      }
      if (!closing) throw broken('it ended without a word')
    } finally {
      patience.stop()
      close()
      // What the other side still sends is read by nobody.
      socket.destroy()
    }
  }

  return { protocol, messages: read(), send: (message) => write(OPCODE.binary, message), close }
}

interface Frame {
  readonly opcode: number
  readonly final: boolean
  readonly payload: Buffer
}

async function* readFrames(socket: Duplex, heard: () => void): AsyncGenerator<Frame> {
  let held: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      heard()
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      for (let next = readFrame(held); next; next = readFrame(held)) {
        held = held.subarray(next.bytes)
        yield next
      }
    }
  } catch (cause) {
    throw cause instanceof KubeError ? cause : broken(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** The first frame of these bytes and its length, or undefined where it is not all there; a server masks nothing (RFC 6455 section 5.1). */
function readFrame(bytes: Buffer): (Frame & { readonly bytes: number }) | undefined {
  if (bytes.length < 2) return undefined
  const [first = 0, second = 0] = bytes
  if ((first & 0x70) !== 0 || (second & 0x80) !== 0) throw broken('it sent a frame that no server may send')
  const short = second & 0x7f
  const begin = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < begin) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (length > MOST_BYTES) throw broken(`a frame is longer than ${MOST_BYTES} bytes`)
  if (bytes.length < begin + length) return undefined
  const payload = bytes.subarray(begin, begin + length)
  return { opcode: first & 0x0f, final: (first & 0x80) !== 0, payload, bytes: begin + length }
}

/** One frame that ends its message, masked as a client's must be (RFC 6455 section 5.3). */
function frame(opcode: number, payload: Buffer): Buffer {
  const extra = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8
  const whole = Buffer.alloc(2 + extra + 4 + payload.length)
  whole[0] = 0x80 | opcode
  whole[1] = 0x80 | (extra === 0 ? payload.length : extra === 2 ? 126 : 127)
  if (extra === 2) whole.writeUInt16BE(payload.length, 2)
  if (extra === 8) whole.writeBigUInt64BE(BigInt(payload.length), 2)
  const mask = randomBytes(4)
  mask.copy(whole, 2 + extra)
  const begin = 6 + extra
  for (let index = 0; index < payload.length; index++) {
    whole[begin + index] = (payload[index] as number) ^ (mask[index & 3] as number)
  }
  return whole
}

/** Breaks a connection on which nothing came for too long while somebody waited. */
function startPatience(socket: Duplex, silence: number): { wind(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  const stop = () => clearTimeout(timer)
  return {
    stop,
    wind() {
      stop()
      if (silence === 0) return
      timer = setTimeout(() => socket.destroy(broken(`nothing came for ${silence / 1000} s`)), silence)
    },
  }
}

function broken(why: string, cause?: unknown): KubeError {
  return new KubeError({ message: `The WebSocket broke: ${why}.`, status: 0, reason: 'ConnectionFailed', cause })
}
