import { absentPath } from './absence.ts'
import { type Answer, json } from './answer.ts'
import type { Replay } from './replay.ts'

/** Paths that are no objects, and the files that hold their answers. */
const FILES: Readonly<Record<string, string>> = {
  '/version': 'cluster/version.json',
  '/metrics': 'apiserver/metrics.txt',
  '/readyz': 'apiserver/readyz.txt',
  '/livez': 'apiserver/livez.txt',
  '/openapi/v3': 'cluster/openapi/v3.json',
}

const FLOW_CONTROL = /^\/debug\/api_priority_and_fairness\/(dump_\w+)$/
const OPENAPI = /^\/openapi\/v3\/([\w./-]+)$/

/** Answers a path that was read once, with the status and the bytes that it had then. */
export async function answerPath(replay: Replay, path: string, query: URLSearchParams): Promise<Answer> {
  // The client of Python asks for `/version/`.
  const file = fileOf(path.replace(/(?<=.)\/$/, ''))
  const { bundle, manifest } = replay
  if (file === undefined || !bundle.files.has(file)) throw absentPath(bundle, path)
  const status = manifest.files.find((one) => one.path === file)?.obtained.status ?? 200
  // Health was asked for in detail; without `verbose` a healthy server says two letters.
  if (isProbe(path) && status === 200 && !query.has('verbose')) return text('ok', status)
  return file.endsWith('.json') ? json(await bundle.read(file), status) : text(bundle.stream(file), status)
}

function isProbe(path: string): boolean {
  return path === '/readyz' || path === '/livez'
}

function fileOf(path: string): string | undefined {
  const flow = FLOW_CONTROL.exec(path)?.[1]
  if (flow !== undefined) return `apiserver/flow-control/${flow}.txt`
  const openapi = OPENAPI.exec(path)?.[1]
  if (openapi !== undefined) return `cluster/openapi/v3/${openapi}.json`
  return Object.hasOwn(FILES, path) ? FILES[path] : undefined
}

function text(body: Answer['body'], status: number): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}
