import { type AwaitedJob, awaitedJobOf } from '../../incident/awaited-job.ts'
import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { doesNotAnswer } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LogLine } from '../../incident/logs/log-summary.ts'
import type { Pod } from '../../incident/pod.ts'
import { describeRef, keyOf } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellSpan } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'

/** An init container that runs and does not come to an end. */
export const initContainerStuck: Rule<'init-container-stuck'> = {
  id: 'init-container-stuck',
  title: 'An init container does not come to an end',
  domain: 'workload',
  needs: ['pods'],
  helps: ['logs', 'events'],
  explains: ['not-starting', 'not-ready', 'no-endpoints', 'rollout-stalled', 'job-failing'],
  explain: {
    mechanism:
      'The containers of a pod start only after its init containers have ended, one after the other. One that waits for a host, a lock, a migration or a certificate that does not come keeps the pod in Init for ever; nothing is restarted, and no probe looks at it.',
    proof: [
      'initContainerStatuses has a container in state running for longer than it ever needs, and the pod is Pending.',
      'Its log says what it waits for.',
    ],
    lookAlikes: [
      'An init container with restartPolicy Always is a sidecar: it is meant to run on.',
      'crashloop-app-error of a Job: the init container waits for a Job that has failed.',
      'dependency-down: what it waits for is known, and does not answer.',
      'crashloop-app-error: the init container ends with an error, and is started again.',
    ],
    mitigate: [
      {
        says: 'Read what it waits for.',
        command: 'kubectl logs -n {namespace} <pod> -c <init container> --tail=50',
        changes: false,
      },
    ],
    fix: [
      'Give every wait a time limit, so that it ends with an error that can be seen, and let the application itself wait for what it needs.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/',
      'https://kubernetes.io/docs/tasks/debug/debug-application/debug-init-containers/',
    ],
  },
  *evaluate(incident) {
    const stuck = incident.pods.flatMap((pod) => stuckOf(incident, pod) ?? [])
    for (const [, members] of Map.groupBy(stuck, ({ pod }) => keyOf(pod.workload))) yield describe(incident, members)
  },
}

/** Migrations and downloads take minutes; what takes longer is worth a look. Our judgement. */
const PATIENCE = 10 * 60 * 1000

interface Stuck {
  readonly pod: Pod
  readonly container: Container
  readonly since: number
}

function stuckOf({ now }: Incident, pod: Pod): Stuck | undefined {
  if (pod.deleted !== undefined || pod.phase !== 'Pending') return undefined
  for (const container of pod.containers) {
    const { role, state } = container
    if (role !== 'init' || state.kind !== 'running' || state.since === undefined) continue
    if (now - state.since >= PATIENCE) return { pod, container, since: state.since }
  }
  return undefined
}

function describe(incident: Incident, stuck: readonly Stuck[]): Finding {
  const [{ pod, container, since }] = stuck as readonly [Stuck, ...Stuck[]]
  const call = incident.dependencies.find((one) => keyOf(one.from) === keyOf(pod.workload) && doesNotAnswer(one))
  const awaited = call ? undefined : awaitedJobOf(incident, pod)
  const words = lastLineOf(incident, pod, container)
  return {
    kind: call || awaited ? 'mechanism' : 'cause',
    subject: pod.workload,
    strength: call || words?.waits ? 'strong' : 'weak',
    from: earliest(stuck.map((one) => one.since)),
    says: `The init container ${container.name} in ${count(stuck.length, 'pod')} of ${pod.workload.name} has run for ${tellSpan(incident.now - since)} and does not end${tellWait(call, words?.line)}${tellJob(awaited)}.`,
    cites: atLeastOne(
      [
        cite(pod, [...(container.statusPath ?? []), 'state', 'running', 'startedAt']),
        ...(words ? [words.citation] : []),
        ...(call?.cites ?? []),
        ...(awaited ? [cite(awaited.job, ['status', 'failed'])] : []),
      ].slice(0, 5),
    ),
    affects: sufferersOf(
      incident,
      stuck.map((one) => one.pod),
    ),
    ...(words ? {} : { missing: [`the log of ${container.name}`] }),
  }
}

function tellWait(call: Dependency | undefined, line: LogLine | undefined): string {
  const said = line ? `; it says "${shorten(line.text)}"` : ''
  return `${call ? `; its calls to ${describeRef(call.to)} fail` : ''}${said}`
}

function tellJob(awaited: AwaitedJob | undefined): string {
  if (!awaited) return ''
  const { name } = awaited.job.ref
  return awaited.isNamed
    ? `; it waits for the Job ${name}, which failed`
    : `; the Job ${name}, of the same image or release, failed at the same time`
}

interface Waiting {
  readonly line: LogLine
  readonly waits: boolean
  readonly citation: Citation
}

/** What it said last, a line about waiting or an error before any other. */
function lastLineOf(incident: Incident, pod: Pod, { name }: Container): Waiting | undefined {
  const log = incident.logsOf(pod.ref).find((one) => one.container === name && !one.previous)
  const template = log?.summary.templates.findLast(({ level, classes }) => classes.length > 0 || level === 'error')
  const line = template?.lastLine ?? log?.summary.tail.at(-1)
  if (!log || !line) return undefined
  const citation = { file: log.summary.path, line: line.line, words: line.text.slice(0, 400) }
  return { line, waits: template !== undefined, citation }
}
