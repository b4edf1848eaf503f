import { absent, linesOfCollector } from './absence.ts'
import { type Answer, type Ask, json, statusOf } from './answer.ts'
import { answerDiscovery } from './discovery.ts'
import { openLog } from './logs/log.ts'
import { parseLogQuery } from './logs/query.ts'
import { answerGet, answerList, findObject } from './objects.ts'
import { answerPath } from './paths.ts'
import { parseListQuery } from './query.ts'
import { Refusal } from './refusal.ts'
import type { Replay } from './replay.ts'
import { resolve } from './resolve.ts'
import { answerReview, type Review } from './reviews.ts'
import { parseTarget, type Target } from './target.ts'
import { answerWatch } from './watch/answer-watch.ts'

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
  if (method === 'POST' && isReview(path)) return answerReviewed(replay, ask)
  if (method !== 'GET' && method !== 'HEAD') throw readOnly(replay, method, path)
  const discovered = await answerDiscovery(replay, path, ask.accept)
  if (discovered) return discovered
  const target = parseTarget(path)
  return target ? answerTarget(replay, target, ask) : answerPath(replay, path, ask.query)
}

async function answerTarget(replay: Replay, target: Target, ask: Ask): Promise<Answer> {
  const { subresource, name } = target
  if (isLog(target)) return answerLog(replay, target, ask)
  if (subresource !== undefined && subresource !== 'status') throw notServed(replay, target, ask)
  const resolved = resolve(replay, target)
  if (name !== undefined) return answerGet(replay, resolved, target, ask)
  const query = parseListQuery(ask.query)
  return query.watch
    ? answerWatch(replay, resolved, target, query, ask)
    : answerList(replay, resolved, target, query, ask)
}

function isLog({ group, resource, name, subresource }: Target): boolean {
  return group === '' && resource === 'pods' && name !== undefined && subresource === 'log'
}

/** A log of a pod that was captured; parameters are looked at before the pod, as the API server does. */
async function answerLog(replay: Replay, target: Target, ask: Ask): Promise<Answer> {
  const query = parseLogQuery(ask.query, target.name ?? '')
  const resolved = resolve(replay, target)
  const { body } = await findObject(replay, resolved, target, await replay.list(resolved.resource))
  const log = await openLog(replay.bundle, JSON.parse(body.toString('utf8')), query, replay.now, replay.at)
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: log }
}

/** The one kind of POST that asks instead of writing. */
function isReview(path: string): boolean {
  return /^\/apis\/(?:authentication|authorization)\.k8s\.io\/[^/]+\/selfsubject\w*reviews\/?$/.test(path)
}

/** Answered from what was asked when the bundle was made. */
async function answerReviewed({ bundle, manifest }: Replay, ask: Ask): Promise<Answer> {
  const file = 'run/identity.json'
  if (!bundle.files.has(file)) throw absent(bundle, 'access reviews', linesOfCollector(manifest, 'identity'))
  const reviews = parseReviews(await bundle.read(file))
  const { status, body } = answerReview(reviews, ask.path, await ask.body())
  return json(body, status)
}

/** What is no list of reviews holds none. */
function parseReviews(body: Buffer): readonly Review[] {
  try {
    const reviews: unknown = JSON.parse(body.toString('utf8'))
    return Array.isArray(reviews) ? reviews : []
  } catch {
    return []
  }
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
