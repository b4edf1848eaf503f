/** A body that comes in chunks. */
export interface Gathering {
  add(chunk: Buffer): void
  length(): number
  /** The bytes that have come, or as many of them as lie together: good until something is added. */
  first(): Buffer
  /** All bytes in a buffer of their own; nothing is added any more. */
  take(): Buffer
  /** For a body that nobody will have. */
  drop(): void
}

const BLOCK_BYTES = 256 * 1024

/** Blocks that are kept for the next body: two pages of a long list. */
const MOST_IDLE = 48

const idle: Buffer[] = []

/**
 * Gathers chunks in blocks that are used again. A long page has hundreds of chunks: kept until it is whole, they outlive the space for young
 * objects, and their memory is free only once the whole heap has been marked.
 */
export function gatherBytes(): Gathering {
  let blocks: Buffer[] = []
  let length = 0

  function add(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const at = length % BLOCK_BYTES
      if (at === 0) blocks.push(idle.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES))
      const copied = chunk.copy(blocks[blocks.length - 1] as Buffer, at, from)
      from += copied
      length += copied
    }
  }

  function drop(): void {
    idle.push(...blocks.slice(0, MOST_IDLE - idle.length))
    blocks = []
    length = 0
  }

  return {
    add,
    drop,
    length: () => length,
    first: () => blocks[0]?.subarray(0, length) ?? Buffer.alloc(0),
    take() {
      const whole = Buffer.allocUnsafeSlow(length)
      blocks.forEach((block, n) => void block.copy(whole, n * BLOCK_BYTES))
      drop()
      return whole
    },
  }
}
