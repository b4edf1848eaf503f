import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Container, Probe } from '../../incident/container.ts'
import { crashesOf } from '../../incident/crash.ts'
import { doesNotAnswer } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { LogClass } from '../../incident/logs/log-summary.ts'
import { meaningOf } from '../../incident/meaning-of-words.ts'
import { type OwnError, ownErrorOf } from '../../incident/own-error.ts'
import type { Pod } from '../../incident/pod.ts'
import {
  answerOfProbe,
  hasUndeclaredPort,
  type ProbeTrouble,
  probeFailuresOf,
  troubleOf,
} from '../../incident/probe-failure.ts'
import { keyOf } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellSpan } from '../../incident/telling.ts'
import { unreadyOrMadeSince } from '../../incident/unready-since.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Pods that run, and never or no longer pass their readiness probe, for a reason of their own. */
export const readinessProbeFailing: Rule<'readiness-probe-failing'> = {
  id: 'readiness-probe-failing',
  title: 'The readiness probe fails although the container runs',
  domain: 'workload',
  needs: ['pods', 'events'],
  helps: ['logs'],
  explains: ['not-ready', 'no-endpoints', 'rollout-stalled', 'errors', 'warnings'],
  explain: {
    mechanism:
      'The container runs, nothing restarts it, and the kubelet says that it is not ready: the probe asks a path or port that the application does not have, the command of the probe is not in the image, the probe speaks another protocol, or the application says itself that it cannot serve. The pod gets no requests, and a rollout waits for it until its deadline.',
    proof: [
      'Ready is False while all containers run without restarts, and events Unhealthy say what the probe met.',
      'The log of the container repeats an error until now, at most since the pod is not ready, and no pod of the workload that is ready repeats it: that error is the reason.',
      'A 404, 401 or 403, a port that the container does not declare, a command that cannot be run: a mistake of the probe.',
    ],
    lookAlikes: [
      'readiness-depends-on-dependency: calls of the same pods to something else fail.',
      'liveness-kills-healthy-app, crashloop-app-error: the containers are restarted.',
      'cpu-limit-throttling, node-cpu-saturation: the probe times out because nothing gets its time.',
      'A pod that starts is not ready for a while.',
    ],
    mitigate: [
      {
        says: 'Ask what the probe asks, from within.',
        command: 'kubectl exec -n {namespace} deploy/{name} -- wget -qO- http://localhost:<port><path>',
        changes: false,
      },
      {
        says: 'Go back to the revision that became ready.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Let the probe name the port of the container, ask a path that the application serves without a login, and test it with the image in CI.',
    ],
    links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/'],
  },
  *evaluate(incident) {
    const failing = incident.pods.flatMap((pod) => failingOf(incident, pod) ?? [])
    for (const [, members] of Map.groupBy(failing, ({ pod }) => keyOf(pod.workload))) {
      const { workload } = (members[0] as Failing).pod
      const call = incident.dependencies.find((one) => keyOf(one.from) === keyOf(workload) && doesNotAnswer(one))
      if (call && !members.some(isMistake))
        yield reject(workload, `Its calls to ${call.to.name} fail as well: readiness-depends-on-dependency.`)
      else yield describe(incident, members)
    }
  },
}

interface Failing {
  readonly pod: Pod
  readonly container: Container
  readonly probe: Probe
  readonly trouble: ProbeTrouble
}

/** A pod that starts is given this long, or as long as its probe waits by itself. Our judgement. */
const PATIENCE = 2 * 60 * 1000

function failingOf(incident: Incident, pod: Pod): Failing | undefined {
  const isRunning =
    pod.phase === 'Running' && pod.deleted === undefined && !pod.ready && crashesOf(incident, pod).length === 0
  const container = pod.containers.find(
    ({ ready, state, probes }) => !ready && state.kind === 'running' && probes.readiness,
  )
  const probe = container?.probes.readiness
  if (!isRunning || !container || !probe || probeFailuresOf(incident, pod, 'readiness').length === 0) return undefined
  if (incident.now - (unreadyOrMadeSince(pod) ?? incident.now) < PATIENCE + 1000 * probe.initialDelay) return undefined
  return { pod, container, probe, trouble: troubleOf(incident, pod, 'readiness') }
}

/** Whether the probe asks what cannot be answered. */
function isMistake({ container, probe, trouble }: Failing): boolean {
  if (trouble === 'wrong-path' || trouble === 'not-run') return true
  return trouble === 'refused' && hasUndeclaredPort(container, probe)
}

function describe(incident: Incident, failing: readonly Failing[]): Finding {
  const found = failing.find(isMistake) ?? (failing[0] as Failing)
  const { pod, container } = found
  const error = isMistake(found) ? undefined : errorOf(incident, failing)
  const sealed = failing.some((one) => isSealed(incident, one))
  const said = failing.flatMap((one) => probeFailuresOf(incident, one.pod, 'readiness'))
  const from = earliest(failing.map((one) => unreadyOrMadeSince(one.pod)))
  const siblings = (incident.workloadOf(pod.workload)?.pods ?? []).filter(({ ready }) => ready).length
  return {
    kind: 'cause',
    subject: pod.workload,
    strength:
      isMistake(found) || (error?.isTelling && answers(found) && !isElsewhere(error)) || sealed ? 'strong' : 'weak',
    from,
    says: `${tellProbe(found, failing.length)} for ${tellSpan(incident.now - (from ?? incident.now))}, and the containers run: ${tellTrouble(found)} ("${shorten(answerOfProbe(said.at(-1)), 140)}")${tellOthers(siblings)}.${sealed && !error ? ' Vault is sealed: it waits for its keys.' : ''}${tellError(error)}`,
    cites: atLeastOne([
      ...(error ? [error.citation] : []),
      ...said.slice(-2).map(({ citation }) => citation),
      cite(pod, [...container.specPath, 'readinessProbe']),
    ]),
    affects: sufferersOf(
      incident,
      failing.map((one) => one.pod),
    ),
  }
}

/** Whether the probe got an answer of the application, or met that it does not listen: what is too slow or cut has reasons around it. */
function answers({ trouble }: Failing): boolean {
  return trouble === 'server-error' || trouble === 'refused' || trouble === 'other'
}

/** What the error of the log is told by rules of its own: the probe is only the first to meet it. */
const KNOWN_ELSEWHERE: ReadonlySet<LogClass> = new Set<LogClass>(['process-limit', 'too-many-files'])

function isElsewhere({ template }: OwnError): boolean {
  return template.classes.some((one) => KNOWN_ELSEWHERE.has(one))
}

/** What the unready containers say themselves. */
function errorOf(incident: Incident, failing: readonly Failing[]): OwnError | undefined {
  const errors = failing.flatMap(
    ({ pod, container }) => ownErrorOf(incident, pod, container.name, unreadyOrMadeSince(pod) ?? 0) ?? [],
  )
  return errors.find(({ isTelling }) => isTelling) ?? errors[0]
}

/** A store of secrets says itself in what its probe prints that it waits for its keys. */
function isSealed(incident: Incident, { pod }: Failing): boolean {
  return incident.saidAbout(pod.ref).some((said) => said.id === 'vault-sealed' && isSaidNow(incident, said))
}

function tellError(error: OwnError | undefined): string {
  if (!error) return ''
  const { lastLine, count: times } = error.template
  const { text } = lastLine
  const meaning = meaningOf({ text, classes: error.template.classes })
  return ` Meanwhile it says itself, ${times} times: "${shorten(text, 300)}".${meaning ? ` ${meaning}` : ''}`
}

function tellProbe({ pod, container, probe }: Failing, pods: number): string {
  return `The readiness probe of ${container.name} (${probe.target}) has failed in ${count(pods, 'pod')} of ${pod.workload.name}`
}

function tellTrouble({ container, probe, trouble }: Failing): string {
  return `${TELLS[trouble]}${hasUndeclaredPort(container, probe) ? ', on a port that the container does not declare' : ''}`
}

function tellOthers(ready: number): string {
  return ready > 0 ? `; ${count(ready, 'other pod')} of it are ready` : ''
}

const TELLS: Readonly<Record<ProbeTrouble, string>> = {
  refused: 'nothing listens there',
  timeout: 'no answer comes in time',
  'server-error': 'the application says that it cannot serve',
  'wrong-path': 'the path is not there, or not for everyone',
  broken: 'the connection breaks, or speaks another protocol',
  unreachable: 'the address of the pod cannot be reached',
  'not-run': 'the command of the probe cannot be run',
  other: 'what it answers is in its own words',
}
