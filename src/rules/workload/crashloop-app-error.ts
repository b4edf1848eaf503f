import { isBadConfig } from '../../incident/bad-config.ts'
import { hasBadStart } from '../../incident/bad-start.ts'
import { childKilledOf } from '../../incident/child-killed.ts'
import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { type Crash, type CrashGroup, findCrashes } from '../../incident/crash.ts'
import { endedByCall } from '../../incident/ended-by-call.ts'
import { exhaustionOf } from '../../incident/exhausted-heap.ts'
import { doesNotAnswer, NO_ANSWER } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { classesAtEnd, type LastWords, lastWordsOf } from '../../incident/last-words.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { LogClass } from '../../incident/logs/log-summary.ts'
import { meaningOf } from '../../incident/meaning-of-words.ts'
import { podsThatAwait, sickMeshAgentOf } from '../../incident/mesh-agent.ts'
import { explainExitCode } from '../../incident/messages/exit-codes.ts'
import { isOneOff } from '../../incident/one-off.ts'
import { endedByProbe } from '../../incident/probe-kill.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellTime } from '../../incident/telling.ts'
import { memoryLimitOf } from '../compute/ended.ts'
import { type Claim, type Finding, type Rule, reject } from '../rule.ts'
import { changedSecretOf } from './changed-secret.ts'
import { explainInPod } from './in-pod.ts'

/** A program that ends by itself, again and again. */
export const crashloopAppError: Rule<'crashloop-app-error'> = {
  id: 'crashloop-app-error',
  title: 'The application ends by itself, again and again',
  domain: 'workload',
  seeds: ['KIA 1.13'],
  needs: ['pods'],
  helps: ['previous-logs', 'logs', 'events'],
  explains: [
    'crashing',
    'not-ready',
    'no-endpoints',
    'rollout-stalled',
    'job-failing',
    'errors',
    'unhealthy-condition',
  ],
  explain: {
    mechanism:
      'The program in the container starts, meets an error that it cannot live with, and ends. The kubelet starts it again, each time later, up to five minutes, and the pod never serves for long. What the program said last and its exit code tell why; the pod only shows CrashLoopBackOff.',
    proof: [
      'State waiting with CrashLoopBackOff, and lastState.terminated with the reason Error (or Completed) and an exit code.',
      'The log of the instance before (kubectl logs --previous) ends with a panic, a fatal line or an exception.',
    ],
    lookAlikes: [
      'container-oomkilled: lastState.terminated.reason is OOMKilled.',
      'liveness-kills-healthy-app: an event Killing says that the probe failed.',
      'bad-entrypoint-or-arch: the program never began; reason StartError, exit code 126, 127 or 128, exec format error.',
      'dependency-down: the last words name a host that does not answer.',
      'config-change-broke-app: it began after a change of a ConfigMap that the pod uses.',
      'fs-permission-or-readonly: the last words are about a file that may not be written.',
      'memory-leak: the last words are those of a runtime whose heap is full.',
      'bad-rollout: only pods of the newest ReplicaSet crash.',
    ],
    mitigate: [
      {
        says: 'Read what it said last.',
        command: 'kubectl logs -n {namespace} deploy/{name} --previous --tail=100',
        changes: false,
      },
      {
        says: 'Go back, if it began with a rollout.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Correct the error that the last words name, and let CI start the image with the real configuration before it is deployed.',
    ],
    links: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/'],
  },
  *evaluate(incident) {
    for (const { workload, crashes } of findCrashes(incident)) {
      const own = crashes.filter((crash) => knownOtherwise(incident, crash) === undefined)
      const [first] = crashes as [Crash]
      if (own.length === 0) yield reject(workload, knownOtherwise(incident, first) ?? '')
      else yield describe(incident, { workload, crashes: own })
    }
  },
}

/** The more specific failure mode that a crash belongs to, as a sentence. */
function knownOtherwise(incident: Incident, crash: Crash): string | undefined {
  const { end, container } = crash
  if (end?.reason === 'OOMKilled') return `${container.name} was killed for want of memory: container-oomkilled.`
  if (endedByProbe(incident, crash))
    return `The kubelet killed ${container.name} because of its probe: liveness-kills-healthy-app.`
  if (hasBadStart(incident, crash)) return `The command of ${container.name} never began: bad-entrypoint-or-arch.`
  if (exhaustionOf(incident, crash)) return `${container.name} ran out of its own heap: memory-leak.`
  if (childKilledOf(incident, crash) && memoryLimitOf(crash.pod, container) !== undefined)
    return `A process of ${container.name} was killed, and the shell that started it was not: container-oomkilled.`
  const classes = lastWordsOf(incident, crash)?.classes ?? []
  if (classes.some((one) => FILES.has(one)))
    return `${container.name} ended because of a file that it may not use: fs-permission-or-readonly.`
  return undefined
}

const FILES: ReadonlySet<LogClass> = new Set<LogClass>(['read-only-filesystem', 'permission-denied'])

/** A crash with what was said before it, and with what stands in its own pod that explains it. */
interface Told {
  readonly crash: Crash
  readonly words: LastWords | undefined
  readonly inPod: Claim | undefined
}

function describe(incident: Incident, { workload, crashes }: CrashGroup): Finding {
  const { crash, words, inPod } = mostTelling(incident, crashes)
  const pods = [...new Set(crashes.map(({ pod }) => pod))]
  const behind = inPod ? undefined : whatIsBehind(incident, workload, crashes)
  const hook = incident
    .saidAbout(crash.pod.ref)
    .find((one) => one.id === 'post-start-hook-failed' && isSaidNow(incident, one))
  const from = earliest(crashes.map(({ since }) => since))
  const secret = words && changedSecretOf(incident, crash, words)
  const notes = [hook && `The hook after its start fails: ${shorten(hook.words)}.`, inPod?.says, secret?.says, behind]
  return {
    kind: pods.every((one) => isOneOff(incident, one)) ? 'risk' : behind === undefined ? 'cause' : 'mechanism',
    subject: workload,
    strength: inPod ? 'strong' : strengthOf(incident, crash, words),
    from,
    says: [sentence(crash, pods.length, workload, from), tellWords(words), ...notes].filter(Boolean).join(' '),
    cites: atLeastOne(
      [
        ...(words ? [words.citation] : []),
        ...(hook ? [hook.citation] : []),
        ...(inPod?.cites ?? []),
        ...(secret?.cites ?? []),
        ...citeEnds(crashes),
      ].slice(0, 5),
    ),
    affects: sufferersOf(incident, [...pods, ...podsThatAwait(incident, pods)]),
    ...(words ? {} : { missing: ['the log of the instance before (previous-logs)'] }),
  }
}

/** What says an error before what says anything, and what fails of itself before what fails because its neighbour in the pod does. */
function mostTelling(incident: Incident, crashes: readonly Crash[]): Told {
  const told = crashes.map((crash): Told => {
    const words = lastWordsOf(incident, crash)
    return { crash, words, inPod: words && explainInPod(crash, words) }
  })
  const said = told.find(({ words, inPod }) => words?.isError && !inPod) ?? told.find(({ words }) => words?.isError)
  return said ?? told.find(({ words }) => words) ?? (told[0] as Told)
}

const ROLES: Readonly<Record<string, string>> = { init: 'The init container ', sidecar: 'The sidecar ' }

function sentence({ container, end, pod }: Crash, pods: number, workload: Ref, from: number | undefined): string {
  const restarts = container.restarts > 0 ? `, ${count(container.restarts, 'restart')}` : ''
  const code = end?.exitCode
  const meaning = code === undefined ? '' : ` Exit code ${code}: ${explainExitCode(code).means}`
  const ends = pod.phase === 'Failed' ? 'ended with an error, first at' : 'ends again and again since'
  return `${ROLES[container.role] ?? ''}${container.name} in ${count(pods, 'pod')} of ${workload.name} ${ends} ${tellTime(from)}${restarts}.${meaning}`
}

function tellWords(words: LastWords | undefined): string {
  if (!words) return 'Its log is not in the bundle.'
  const meaning = meaningOf(words)
  return `Its last words: "${shorten(words.text, 220)}".${meaning ? ` ${meaning}` : ''}`
}

/** What else of the bundle is behind the crash: then it is no root. */
function whatIsBehind(incident: Incident, workload: Ref, crashes: readonly Crash[]): string | undefined {
  const call = incident.dependencies.find((one) => keyOf(one.from) === keyOf(workload) && doesNotAnswer(one))
  if (call && crashes.some((crash) => endedByCall(incident, crash))) return `Behind it: calls to ${call.to.name} fail.`
  const agent = crashes.map((crash) => sickMeshAgentOf(incident, crash)).find((one) => one !== undefined)
  if (agent)
    return `Behind it: ${agent.workload.name} on ${agent.node}, which leads its traffic to its proxy, is not well.`
  if (isBadConfig(incident, workload, crashes)) return 'Behind it: its configuration was changed before.'
  return undefined
}

/** What others did not answer, or made wait: they are the root, whoever they are. */
const UNANSWERED: ReadonlySet<LogClass> = new Set<LogClass>([...NO_ANSWER, 'rate-limited', 'no-ports'])

/** What may lie with the program or with its surroundings. */
const SHARED: ReadonlySet<LogClass> = new Set<LogClass>([
  'tls-failure',
  'certificate-expired',
  'authentication-failed',
  'forbidden',
  'credentials-missing',
  'disk-full',
  'too-many-files',
  'process-limit',
  'address-in-use',
  'deadlock-or-lock',
  'clock',
])

/** SIGKILL and SIGTERM come from others: nothing here says from whom. */
const SENT_BY_OTHERS = new Set([137, 143])

/** Signals that a program brings upon itself: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS; and an end without an error. */
const OF_ITSELF = new Set([132, 133, 134, 135, 136, 139, 159, 0])

function strengthOf(incident: Incident, crash: Crash, words: LastWords | undefined): Finding['strength'] {
  const { end, pod } = crash
  const { classes = [] } = words ?? {}
  const hasVolume = incident.usesOf(pod).some(({ kind }) => kind === 'PersistentVolumeClaim')
  if (hasVolume && classesAtEnd(incident, crash).has('disk-full')) return 'weak'
  if (classes.some((one) => UNANSWERED.has(one))) return 'weak'
  if (classes.some((one) => SHARED.has(one))) return 'strong'
  if (classes.includes('panic')) return 'proof'
  if (end?.exitCode === undefined || SENT_BY_OTHERS.has(end.exitCode)) return 'weak'
  return words || OF_ITSELF.has(end.exitCode) ? 'strong' : 'weak'
}

function citeEnds(crashes: readonly Crash[]): readonly Citation[] {
  return crashes.slice(0, 3).flatMap(({ pod, container, citation }) => {
    const { state, statusPath = [] } = container
    if (state.kind !== 'waiting') return [citation]
    return [citation, cite(pod, [...statusPath, 'state', 'waiting', 'reason'])]
  })
}
