import { citeName } from '../../incident/citation.ts'
import type { Crash } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LastWords } from '../../incident/last-words.ts'
import { tellTime } from '../../incident/telling.ts'
import { citeWriteAt } from '../../incident/write-citation.ts'
import { touches } from '../../incident/writes.ts'
import type { Claim } from '../rule.ts'

/** A password that is refused may be one that was changed this long before. */
const A_DAY = 24 * 60 * 60 * 1000

/** A write within this time of the creation is the creation. */
const CREATION = 5000

/** The Secret of a pod that was changed before its password was refused. */
export function changedSecretOf(incident: Incident, { pod, since }: Crash, { classes }: LastWords): Claim | undefined {
  if (!classes.includes('authentication-failed')) return undefined
  for (const { kind, name } of incident.usesOf(pod)) {
    const secret = kind === 'Secret' ? incident.find('Secret', pod.ref.namespace, name) : undefined
    const at = secret?.writes.findLast((write) => write.subresource === '' && touches(write, 'data'))?.at
    if (!secret || at === undefined || at - (secret.created ?? 0) < CREATION) continue
    const end = since ?? incident.now
    if (at > end + incident.clocks.tolerance || end - at > A_DAY) continue
    const says = `The Secret ${name}, which it uses, was changed at ${tellTime(at)}, before it began.`
    return { says, cites: [citeWriteAt(secret, at) ?? citeName(secret)] }
  }
  return undefined
}
