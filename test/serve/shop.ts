import { onTestFinished } from 'vitest'
import type { ReplayOptions } from '../../src/serve/replay.ts'
import { HEAD, makeBundle, saveBundle } from '../bundle/sample.ts'
import { serveBundle, TOKEN } from './replay-server.ts'

/** What these tests say of an object; the rest is made up. */
export interface Sketch {
  readonly kind?: string
  readonly name: string
  readonly namespace?: string
  readonly version: number
  readonly uid?: string
  readonly labels?: Record<string, string>
  readonly created?: string
  readonly metadata?: object
  readonly more?: object
}

/** An object as the API server writes it alone. */
export function object({ kind = 'Pod', name, namespace = 'till', version, ...rest }: Sketch) {
  const { uid = `uid-of-${name}`, labels, created = '2026-01-31T23:00:00Z', metadata, more } = rest
  const own = { name, namespace, uid, resourceVersion: String(version), creationTimestamp: created }
  return { kind, apiVersion: 'v1', metadata: { ...own, ...(labels && { labels }), ...metadata }, ...more }
}

/** A list page, in which objects leave out their kind. */
export function page(version: number, sketches: readonly Sketch[], kind = 'Pod'): string {
  const items = sketches.map((sketch) => ({ ...object({ kind, ...sketch }), kind: undefined, apiVersion: undefined }))
  return JSON.stringify({ kind: `${kind}List`, apiVersion: 'v1', metadata: { resourceVersion: `${version}` }, items })
}

/** A segment of changes: `[second, type, object]`, or a gap and its reason. */
export function segment(...lines: readonly (readonly [number, string, Sketch | string])[]): string {
  const written = lines.map(([second, type, what]) => {
    const observedAt = new Date(Date.parse(HEAD.window.start) + second * 1000).toISOString()
    return JSON.stringify({
      observedAt,
      type,
      ...(typeof what === 'string' ? { reason: what } : { object: object(what) }),
    })
  })
  return written.map((line) => `${line}\n`).join('')
}

/** One line of a watch. */
export interface WatchLine {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server sends is looked at field by field
  readonly object: any
}

/** A bundle of these files, served. */
export async function serve(files: Record<string, string>, options: ReplayOptions = {}, head = HEAD) {
  const served = await serveBundle(await saveBundle(await makeBundle(Object.entries(files), { head })), options)
  onTestFinished(() => served.close())

  function ask(path: string, accept = 'application/json', signal?: AbortSignal): Promise<Response> {
    const headers = { authorization: `Bearer ${TOKEN}`, accept }
    return fetch(`${served.url}${path}`, { headers, ...(signal && { signal }) })
  }

  return {
    replay: served.replay,
    ask,
    async get(path: string, accept?: string) {
      const response = await ask(path, accept)
      // biome-ignore lint/suspicious/noExplicitAny: as above
      return (await response.json()) as any
    },
    /** The first lines of a watch; it is left when they are there. */
    async watch(path: string, count: number, accept?: string): Promise<WatchLine[]> {
      const gone = new AbortController()
      const response = await ask(path, accept, gone.signal)
      const lines: WatchLine[] = []
      for await (const line of linesOf(response)) {
        lines.push(line)
        if (lines.length === count) break
      }
      gone.abort()
      return lines
    },
  }
}

/** What a watch sends, until it ends. */
export async function* linesOf(response: Response): AsyncGenerator<WatchLine> {
  let rest = ''
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    const lines = (rest + Buffer.from(chunk).toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as WatchLine
  }
}

/** `ADDED web 12`: what happened to whom, in which version. */
export function describeLine({ type, object }: WatchLine): string {
  const { name = '-', resourceVersion } = object.metadata
  return `${type} ${name} ${resourceVersion}`
}
