import { LOOP_WINDOW } from '../../incident/back-off.ts'
import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Container, Probe } from '../../incident/container.ts'
import { crashesOf } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { lastWordsOf } from '../../incident/last-words.ts'
import type { Pod } from '../../incident/pod.ts'
import { hasUndeclaredPort, type ProbeTrouble, probeFailuresOf, troubleOf } from '../../incident/probe-failure.ts'
import { probeKillsOf } from '../../incident/probe-kill.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { neverStartsUp } from '../../incident/slow-start.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest } from '../../incident/telling.ts'
import { heldUp, tellThrottling } from '../compute/throttled.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { timesOf } from '../times-of.ts'

/** A liveness probe that restarts an application which would go on if it were left alone. */
export const livenessKillsHealthyApp: Rule<'liveness-kills-healthy-app'> = {
  id: 'liveness-kills-healthy-app',
  title: 'The liveness probe restarts an application that is not dead',
  domain: 'workload',
  seeds: ['KIA 4.8.2'],
  needs: ['pods', 'events'],
  helps: ['previous-logs', 'cadvisor'],
  explains: ['crashing', 'not-ready', 'no-endpoints', 'rollout-stalled', 'slow', 'errors', 'warnings'],
  explain: {
    mechanism:
      'The kubelet asks the liveness probe, and after failureThreshold failures kills the container. A probe with the default timeout of one second, the wrong path or port, or one that asks dependencies, fails while the application works or is merely slow. Each restart takes capacity away, so that the remaining pods become slower still.',
    proof: [
      'An event Unhealthy with "Liveness probe failed", then an event Killing with "failed liveness probe, will be restarted".',
      'lastState.terminated has exit code 137 or 143 and not the reason OOMKilled.',
      'The log of the instance before does not end with an error of its own.',
    ],
    lookAlikes: [
      'startup-slower-than-liveness: it is killed before it was ever up.',
      'crashloop-app-error: the log shows a panic or a deadlock before; then the probe was right.',
      'cpu-limit-throttling and node-cpu-saturation: why it is too slow for its probe.',
      'dependency-down: the probe asks a dependency that does not answer.',
    ],
    mitigate: [
      {
        says: 'See the probe.',
        command: "kubectl get pods -n {namespace} -o jsonpath='{.items[*].spec.containers[*].livenessProbe}'",
        changes: false,
      },
      {
        says: 'Be more patient until the reason is known.',
        command: `kubectl patch deployment {name} -n {namespace} --type=json -p '[{"op":"replace","path":"/spec/template/spec/containers/0/livenessProbe/timeoutSeconds","value":5}]'`,
        changes: true,
      },
    ],
    fix: [
      'Let the liveness probe ask only whether the process can still answer, on a path of its own, without dependencies; use readiness for load and a startup probe for the start.',
    ],
    links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/'],
  },
  *evaluate(incident) {
    const killed = incident.pods.flatMap((pod) => killOf(incident, pod) ?? [])
    for (const [, members] of Map.groupBy(killed, ({ pod }) => keyOf(pod.workload))) {
      const { workload } = (members[0] as Kill).pod
      const why = otherReason(incident, members)
      if (why) yield reject(workload, why)
      else yield describe(incident, workload, members)
    }
  },
}

/** A container that the kubelet killed because its liveness probe failed. */
interface Kill {
  readonly pod: Pod
  readonly container: Container
  readonly probe: Probe
  readonly said: readonly Said[]
}

function killOf(incident: Incident, pod: Pod): Kill | undefined {
  if (pod.deleted !== undefined) return undefined
  const said = probeKillsOf(incident, pod).filter(
    ({ id, values }) => values.probe !== 'startup' && id !== 'startup-probe-failed',
  )
  const name = said[0]?.values.container ?? said[0]?.about.container
  const container = pod.containers.find((one) => one.probes.liveness && (name === undefined || one.name === name))
  const probe = container?.probes.liveness
  return said.length === 0 || !container || !probe ? undefined : { pod, container, probe, said }
}

/** Why the kills are of another failure mode, if they are. */
function otherReason(incident: Incident, kills: readonly Kill[]): string | undefined {
  if (!kills.some((kill) => isOngoing(incident, kill))) return 'Its probe restarted it once, and it has run since.'
  const ill = kills.find(({ pod }) => wasIll(incident, pod))
  if (ill)
    return `${ill.container.name} had met a fatal error before its probe failed: the probe was right (crashloop-app-error).`
  if (kills.every(({ pod, container }) => neverStartsUp(incident, pod, container)))
    return 'It is killed before it is up: startup-slower-than-liveness.'
  return undefined
}

/** Whether it is down now, or was killed more than once of late. */
function isOngoing(incident: Incident, { pod, said }: Kill): boolean {
  if (!pod.ready || crashesOf(incident, pod).length > 0) return true
  const lately = said.filter(({ last }) => last !== undefined && incident.now - last < LOOP_WINDOW)
  return timesOf(lately) > 1
}

function wasIll(incident: Incident, pod: Pod): boolean {
  return crashesOf(incident, pod).some(
    (crash) => crash.end?.reason === 'OOMKilled' || lastWordsOf(incident, crash)?.classes.includes('panic'),
  )
}

function describe(incident: Incident, workload: Ref, kills: readonly Kill[]): Finding {
  const [{ pod, container, probe }] = kills as readonly [Kill, ...Kill[]]
  const trouble = troubleOf(incident, pod, 'liveness')
  const failures = probeFailuresOf(incident, pod, 'liveness')
  const kill = kills.flatMap(({ said }) => said)
  const pods = kills.map((one) => one.pod)
  // A container that the kernel holds up for its CPU limit answers late whatever its probe asks for.
  const held = trouble === 'timeout' ? heldUp(incident, pods, container.name) : undefined
  return {
    kind: 'cause',
    subject: workload,
    strength: held || trouble === 'other' || trouble === 'unreachable' ? 'weak' : 'strong',
    from: earliest([...failures, ...kill].map(({ first }) => first)),
    says: `The liveness probe of ${container.name} (${tellProbe(probe)}) made the kubelet restart ${count(kills.length, 'pod')} of ${workload.name}, ${count(restartsOf(kills), 'restart')} in all: ${tell(trouble, container, probe)}.`,
    cites: atLeastOne(
      [...kill.slice(0, 2), ...failures.slice(0, 1)].map(({ citation }) => citation).concat(citeProbe(pod, container)),
    ),
    against: held
      ? [{ says: `It is not well: ${tellThrottling(held.throttling)}.`, cites: held.throttling.cites }]
      : [],
    affects: sufferersOf(incident, pods),
  }
}

function tellProbe({ target, timeout, period, failureThreshold }: Probe): string {
  return `${target}, timeout ${timeout} s, every ${period} s, ${failureThreshold} failures`
}

function restartsOf(kills: readonly Kill[]): number {
  return kills.reduce((sum, { container }) => sum + container.restarts, 0)
}

function tell(trouble: ProbeTrouble, container: Container, probe: Probe): string {
  if (hasUndeclaredPort(container, probe)) return 'the container does not declare the port that is asked'
  const words: Readonly<Record<ProbeTrouble, string>> = {
    refused: 'nothing listens on the port that is asked',
    timeout: 'the answer does not come in time',
    'server-error': 'the answer is an error of the application',
    'wrong-path': 'the path that is asked is not there, or not for everyone',
    broken: 'the connection breaks',
    unreachable: 'the address of the pod cannot be reached',
    'not-run': 'the command of the probe cannot be run',
    other: 'why it fails is not told',
  }
  return words[trouble]
}

function citeProbe(pod: Pod, { specPath }: Container): Citation[] {
  return [cite(pod, [...specPath, 'livenessProbe'])]
}
