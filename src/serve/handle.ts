import { type Answer, type Ask, statusOf } from './answer.ts'
import { answerDiscovery } from './discovery.ts'
import { answerGet, answerList } from './objects.ts'
import { answerPath } from './paths.ts'
import { parseListQuery } from './query.ts'
import { Refusal } from './refusal.ts'
import type { Replay } from './replay.ts'
import { resolve } from './resolve.ts'
import { parseTarget, type Target } from './target.ts'

/** Answers one request as the API server would have; whatever cannot be answered is a `metav1.Status`. */
export async function handle(replay: Replay, ask: Ask): Promise<Answer> {
  try {
    return await route(replay, ask)
  } catch (error) {
    if (error instanceof Refusal) return statusOf(error)
    throw error
  }
}

async function route(replay: Replay, ask: Ask): Promise<Answer> {
  const { method, path } = ask
  if (method !== 'GET' && method !== 'HEAD') throw readOnly(replay, method, path)
  const discovered = await answerDiscovery(replay, path, ask.accept)
  if (discovered) return discovered
  const target = parseTarget(path)
  return target ? answerTarget(replay, target, ask) : answerPath(replay, path, ask.query)
}

async function answerTarget(replay: Replay, target: Target, ask: Ask): Promise<Answer> {
  const { subresource, name } = target
  if (subresource !== undefined && subresource !== 'status') throw notServed(replay, target, ask)
  const resolved = resolve(replay, target)
  if (name !== undefined) return answerGet(replay, resolved, target, ask)
  return answerList(replay, resolved, target, parseListQuery(ask.query), ask)
}

/** Whatever would change the cluster, or run something in it. */
function readOnly({ manifest }: Replay, method: string, path: string): Refusal {
  return new Refusal(405, 'MethodNotAllowed', `${method} ${path}: ${describeBundle(manifest)}`)
}

function notServed({ manifest }: Replay, { resource, subresource }: Target, { method }: Ask): Refusal {
  return new Refusal(405, 'MethodNotAllowed', `${method} of ${resource}/${subresource}: ${describeBundle(manifest)}`)
}

function describeBundle({ cluster, window }: Replay['manifest']): string {
  return `this is a read-only replay of a bundle: ${cluster.name} as captured at ${window.end}`
}
