/** Where a value lies in a page: its first byte, and the one behind its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What a list page says of itself. */
export interface ListHead {
  readonly kind: string
  readonly apiVersion: string
  readonly resourceVersion: string
}

/** The paths that a scan looks for, as a tree of their keys; made once for all pages of a resource. */
export interface Wanted {
  readonly key: Buffer
  /** Number of the path that ends here, or -1. */
  readonly path: number
  readonly below: readonly Wanted[]
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d

/** Prepares paths such as `metadata.name` for a scan; a path may lead through another one. */
export function wantPaths(paths: readonly string[]): readonly Wanted[] {
  const branches = Map.groupBy(
    paths.map((path, number) => ({ number, keys: path.split('.') })),
    ({ keys }) => keys[0] ?? '',
  )
  return [...branches].map(([key, branch]) => wantBranch(key, branch))
}

function wantBranch(key: string, branch: readonly { number: number; keys: readonly string[] }[]): Wanted {
  const below = branch
    .filter(({ keys }) => keys.length > 1)
    .map(({ number, keys }) => ({ number, keys: keys.slice(1) }))
  const children = Map.groupBy(below, ({ keys }) => keys[0] ?? '')
  return {
    key: Buffer.from(key),
    path: branch.find(({ keys }) => keys.length === 1)?.number ?? -1,
    below: [...children].map(([child, rest]) => wantBranch(child, rest)),
  }
}

/**
 * Finds the objects of a list page, and in each the values of the wanted paths, byte by byte and without parsing any of them. What it
 * does not look into is passed over unread, so a page that was damaged there is found so only by whoever parses it. Throws SyntaxError.
 */
export function scanPage(
  page: Buffer,
  wanted: readonly Wanted[],
  onItem: (item: Span, values: readonly (Span | undefined)[]) => void,
): ListHead {
  let position = 0
  let values: (Span | undefined)[] = []

  function fail(): never {
    throw new SyntaxError(`not a list at byte ${position}`)
  }

  function skipSpace(): number {
    let byte = page[position] ?? 0
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = page[++position] ?? 0
    return byte
  }

  /** Stands on the opening quote; returns the position of the closing one and stands behind it. */
  function skipString(): number {
    for (let at = position + 1; ; at++) {
      const byte = page[at]
      if (byte === QUOTE) {
        position = at + 1
        return at
      }
      if (byte === undefined) fail()
      if (byte === BACKSLASH) at++
    }
  }

  function skipValue(): void {
    const first = skipSpace()
    if (first === QUOTE) skipString()
    else if (first === OPENING_BRACE || first === OPENING_BRACKET) skipNested()
    else skipScalar()
  }

  function skipNested(): void {
    let open = 0
    do {
      const byte = page[position]
      if (byte === QUOTE) {
        skipString()
        continue
      }
      if (byte === OPENING_BRACE || byte === OPENING_BRACKET) open++
      else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) open--
      else if (byte === undefined) fail()
      position++
    } while (open > 0)
  }

  function skipScalar(): void {
    const start = position
    for (;;) {
      const byte = page[position] ?? COMMA
      if (byte === COMMA || byte === CLOSING_BRACE || byte === CLOSING_BRACKET || byte <= 0x20) break
      position++
    }
    if (position === start) fail()
  }

  /** Calls back with the place of each key, standing before its value, which the callback must pass. */
  function eachMember(onKey: (start: number, end: number) => void): void {
    if (!opens(OPENING_BRACE, CLOSING_BRACE)) return
    for (;;) {
      if (skipSpace() !== QUOTE) fail()
      const start = position + 1
      const end = skipString()
      if (skipSpace() !== COLON) fail()
      position++
      onKey(start, end)
      if (!goesOn(CLOSING_BRACE)) return
    }
  }

  /** Stands before a first member or element; where there is none, or another kind of value, behind it. */
  function opens(opening: number, closing: number): boolean {
    if (skipSpace() !== opening) {
      skipValue()
      return false
    }
    position++
    if (skipSpace() !== closing) return true
    position++
    return false
  }

  function goesOn(closing: number): boolean {
    const byte = skipSpace()
    position++
    if (byte !== COMMA && byte !== closing) fail()
    return byte === COMMA
  }

  function findBelow(level: readonly Wanted[]): void {
    eachMember((keyStart, keyEnd) => {
      const found = level.find(({ key }) => isAt(key, keyStart, keyEnd))
      if (!found) return skipValue()
      skipSpace()
      const start = position
      if (found.below.length > 0) findBelow(found.below)
      else skipValue()
      if (found.path >= 0) values[found.path] = { start, end: position }
    })
  }

  function isAt(key: Buffer, start: number, end: number): boolean {
    if (key.length !== end - start) return false
    for (let at = 0; at < key.length; at++) if (key[at] !== page[start + at]) return false
    return true
  }

  function eachItem(): void {
    // Go writes an empty list that was never filled as null.
    if (skipSpace() !== OPENING_BRACKET && page.toString('latin1', position, position + 4) !== 'null') fail()
    if (!opens(OPENING_BRACKET, CLOSING_BRACKET)) return
    do {
      skipSpace()
      const start = position
      values = []
      findBelow(wanted)
      onItem({ start, end: position }, values)
    } while (goesOn(CLOSING_BRACKET))
  }

  const head = new Map<string, unknown>()
  let hasItems = false
  if (skipSpace() !== OPENING_BRACE) fail()
  eachMember((keyStart, keyEnd) => {
    const key = page.toString('utf8', keyStart, keyEnd)
    if (key === 'items') {
      hasItems = true
      return eachItem()
    }
    const start = position
    skipValue()
    if (HEAD_KEYS.includes(key)) head.set(key, JSON.parse(page.toString('utf8', start, position)))
  })
  if (!hasItems) fail()
  return describeHead(head)
}

const HEAD_KEYS = ['kind', 'apiVersion', 'metadata']

function describeHead(head: ReadonlyMap<string, unknown>): ListHead {
  const metadata = head.get('metadata') as { resourceVersion?: unknown } | null | undefined
  return {
    kind: textOf(head.get('kind')),
    apiVersion: textOf(head.get('apiVersion')),
    resourceVersion: textOf(metadata?.resourceVersion),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
