import { Refusal } from './refusal.ts'
import { badRequest } from './selectors/bad-query.ts'

/** Where a list that was cut goes on, for the client a string without meaning: behind the object of this key, in the state of this version. */
export function encodeContinue(resourceVersion: string, key: string): string {
  return Buffer.from(JSON.stringify({ v: 'freezeframe/v1', rv: resourceVersion, after: key })).toString('base64url')
}

/** The key to go on behind. Throws a Refusal with 400 for what is no token of ours, and with 410 for one of another state. */
export function decodeContinue(token: string, resourceVersion: string): string {
  const { v, rv, after } = parse(token)
  if (v !== 'freezeframe/v1' || typeof after !== 'string') throw badRequest('continue key is not valid')
  if (rv === resourceVersion) return after
  const message =
    'The provided continue parameter is of another state of this list. Start a new list without the continue parameter.'
  throw new Refusal(410, 'Expired', message)
}

function parse(token: string): { v?: unknown; rv?: unknown; after?: unknown } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}
