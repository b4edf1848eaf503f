import { classify, createHits, findHits } from './logs/classify.ts'
import { readText } from './logs/fields.ts'
import type { LogClass } from './logs/log-summary.ts'

/** What a text means, that some component says elsewhere than in a log. */
export function classesOfText(text: string): readonly LogClass[] {
  const hits = createHits()
  const bytes = Buffer.from(text)
  return findHits(bytes, 0, bytes.length, hits) ? classify(readText(text).words, hits, true) : []
}

/** What an answer from outside says that is a reason, and no mere wait. */
const TELLING: ReadonlySet<LogClass> = new Set<LogClass>([
  'forbidden',
  'authentication-failed',
  'credentials-missing',
  'tls-failure',
  'certificate-expired',
  'dns-failure',
  'connection-refused',
  'no-route',
  'rate-limited',
  'invalid-configuration',
  'missing-configuration',
  'disk-full',
])

/** What a text means that is a reason. */
export function reasonsIn(text: string): readonly LogClass[] {
  return classesOfText(text).filter((one) => TELLING.has(one))
}
