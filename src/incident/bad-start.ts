import type { Crash } from './crash.ts'
import type { Incident } from './incident.ts'
import { lastWordsOf } from './last-words.ts'
import { isSaidNow } from './lately.ts'
import type { LogClass } from './logs/log-summary.ts'
import type { MessageId } from './messages/index.ts'
import type { Pod } from './pod.ts'
import type { Said } from './statement.ts'

const BAD_STARTS: ReadonlySet<MessageId> = new Set<MessageId>([
  'wrong-architecture',
  'missing-executable',
  'executable-not-permitted',
  'missing-working-directory',
  'missing-user',
  'mount-into-container-failed',
  'security-profile-missing',
  'kernel-parameter-refused',
  'gpu-hook-failed',
])

/** What the runtime says now of a container whose program could not be started; commands of probes and hooks are not meant. */
export function badStartsOf(incident: Incident, pod: Pod): readonly Said[] {
  return incident
    .saidAbout(pod.ref)
    .filter((said) => BAD_STARTS.has(said.id) && isSaidNow(incident, said))
    .filter(({ source, reason }) => source !== 'event' || reason === 'Failed' || reason === 'BackOff')
}

/** Reasons that the kubelet gives where no program ran: containerd and CRI-O the first, docker the second. */
const NEVER_RAN = new Set(['StartError', 'ContainerCannotRun'])

/** 126: not executable, 127: not found, by POSIX shells and runtimes. */
const NOT_EXECUTED = new Set([126, 127])

/** Whether the program of a crashing container never began. */
export function hasBadStart(incident: Incident, crash: Crash): boolean {
  const { end, pod, container } = crash
  if (end && NEVER_RAN.has(end.reason)) return true
  const isNamed = badStartsOf(incident, pod).some(
    ({ about }) => about.container === undefined || about.container === container.name,
  )
  if (isNamed) return true
  const words = lastWordsOf(incident, crash)
  const classes = words?.classes ?? []
  if (classes.includes('exec-format')) return true
  return NOT_EXECUTED.has(end?.exitCode ?? 0) && (words === undefined || classes.some((one) => OF_SHELLS.has(one)))
}

/** How a shell words that it could not run something: a program may end with these codes by itself, for a reason that it tells. */
const OF_SHELLS: ReadonlySet<LogClass> = new Set<LogClass>(['command-not-found', 'permission-denied'])
