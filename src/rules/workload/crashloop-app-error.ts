import { isBadConfig } from '../../incident/bad-config.ts'
import { hasBadStart } from '../../incident/bad-start.ts'
import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { type Crash, type CrashGroup, findCrashes } from '../../incident/crash.ts'
import { doesNotAnswer, NO_ANSWER } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { classesAtEnd, type LastWords, lastWordsOf } from '../../incident/last-words.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { LogClass } from '../../incident/logs/log-summary.ts'
import { explainExitCode } from '../../incident/messages/exit-codes.ts'
import { endedByProbe } from '../../incident/probe-kill.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellTime } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

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
  const classes = lastWordsOf(incident, crash)?.classes ?? []
  if (classes.some((one) => FILES.has(one)))
    return `${container.name} ended because of a file that it may not use: fs-permission-or-readonly.`
  return undefined
}

const FILES: ReadonlySet<LogClass> = new Set<LogClass>(['read-only-filesystem', 'permission-denied'])

function describe(incident: Incident, { workload, crashes }: CrashGroup): Finding {
  const said = crashes.map((crash) => ({ crash, words: lastWordsOf(incident, crash) }))
  const { crash, words } =
    said.find((one) => one.words?.isError) ?? said.find((one) => one.words) ?? (said[0] as (typeof said)[0])
  const pods = [...new Set(crashes.map(({ pod }) => pod))]
  const behind = whatIsBehind(incident, workload, crashes)
  const hook = incident
    .saidAbout(crash.pod.ref)
    .find((one) => one.id === 'post-start-hook-failed' && isSaidNow(incident, one))
  const from = earliest(crashes.map(({ since }) => since))
  return {
    kind: behind === undefined ? 'cause' : 'mechanism',
    subject: workload,
    strength: strengthOf(crash, words),
    from,
    says: `${sentence(crash, pods.length, workload, from)}${tellWords(words)}${hook ? ` The hook after its start fails: ${shorten(hook.words)}.` : ''}${behind ?? ''}`,
    cites: atLeastOne(
      [...(words ? [words.citation] : []), ...(hook ? [hook.citation] : []), ...citeEnds(crashes)].slice(0, 5),
    ),
    affects: sufferersOf(incident, pods),
    ...(words ? {} : { missing: ['the log of the instance before (previous-logs)'] }),
  }
}

function sentence({ container, end }: Crash, pods: number, workload: Ref, from: number | undefined): string {
  const restarts = container.restarts > 0 ? `, ${count(container.restarts, 'restart')}` : ''
  const code = end?.exitCode
  const meaning = code === undefined ? '' : ` Exit code ${code}: ${explainExitCode(code).means}`
  return `${container.name} in ${count(pods, 'pod')} of ${workload.name} ends again and again since ${tellTime(from)}${restarts}.${meaning}`
}

function tellWords(words: LastWords | undefined): string {
  return words ? ` Its last words: "${shorten(words.text, 220)}".` : ' Its log is not in the bundle.'
}

/** What else of the bundle is behind the crash: then it is no root. */
function whatIsBehind(incident: Incident, workload: Ref, crashes: readonly Crash[]): string | undefined {
  const call = incident.dependencies.find((one) => keyOf(one.from) === keyOf(workload) && doesNotAnswer(one))
  if (call && crashes.some((crash) => endedByCall(incident, crash))) return ` Behind it: calls to ${call.to.name} fail.`
  if (isBadConfig(incident, workload, crashes)) return ' Behind it: its configuration was changed before.'
  return undefined
}

/** Whether a call that got no answer is what it ended with; a panic that speaks of none is of its own. */
function endedByCall(incident: Incident, crash: Crash): boolean {
  const { classes = [] } = lastWordsOf(incident, crash) ?? {}
  const said = classes.includes('panic') ? classes : [...classesAtEnd(incident, crash)]
  return said.some((one) => NO_ANSWER.has(one))
}

/** Classes of errors that come from outside the program. */
const OUTSIDE: ReadonlySet<LogClass> = new Set<LogClass>([
  'connection-refused',
  'connection-reset',
  'timeout',
  'no-route',
  'dns-failure',
  'tls-failure',
  'certificate-expired',
  'forbidden',
  'rate-limited',
  'unavailable',
  'credentials-missing',
  'disk-full',
  'no-ports',
  'too-many-files',
  'process-limit',
])

/** SIGKILL and SIGTERM come from others: nothing here says from whom. */
const SENT_BY_OTHERS = new Set([137, 143])

function strengthOf({ end }: Crash, words: LastWords | undefined): Finding['strength'] {
  if (words?.classes.some((one) => OUTSIDE.has(one))) return 'weak'
  if (words?.classes.includes('panic')) return 'proof'
  if (end?.exitCode === undefined || SENT_BY_OTHERS.has(end.exitCode)) return 'weak'
  return 'strong'
}

function citeEnds(crashes: readonly Crash[]): readonly Citation[] {
  return crashes.slice(0, 3).flatMap(({ pod, container, citation }) => {
    const { state, statusPath = [] } = container
    if (state.kind !== 'waiting') return [citation]
    return [citation, cite(pod, [...statusPath, 'state', 'waiting', 'reason'])]
  })
}
