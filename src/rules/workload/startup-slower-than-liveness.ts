import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Container, Probe } from '../../incident/container.ts'
import { crashesOf } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { patienceOf, probeFailuresOf } from '../../incident/probe-failure.ts'
import { probeKillsOf } from '../../incident/probe-kill.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { neverStartsUp } from '../../incident/slow-start.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellSpan } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'

/** A container that is killed by its probe before it is up, each time. */
export const startupSlowerThanLiveness: Rule<'startup-slower-than-liveness'> = {
  id: 'startup-slower-than-liveness',
  title: 'The application starts more slowly than its probe waits',
  domain: 'workload',
  seeds: ['KIA 4.8.3'],
  needs: ['pods', 'events'],
  helps: ['previous-logs', 'cadvisor'],
  explains: ['crashing', 'not-ready', 'no-endpoints', 'rollout-stalled', 'warnings'],
  explain: {
    mechanism:
      'The liveness probe begins initialDelaySeconds after the start and gives up after failureThreshold failures, whether the application was ever up or not. An application that needs longer, because of a cold cache, a migration, a small CPU limit or a slow disk, is killed each time just before it is done, and starts from the beginning.',
    proof: [
      'Each life of the container is as long as initialDelay + (failureThreshold − 1) × period + timeout of its probe, and the grace period at most.',
      'Events Killing say that the liveness or startup probe failed, and the container never served.',
      'There is no startupProbe, or it is not patient enough.',
    ],
    lookAlikes: [
      'liveness-kills-healthy-app: it was up, and the probe failed later; or the path or port of the probe is wrong.',
      'crashloop-app-error: it ends by itself, with an error.',
    ],
    mitigate: [
      {
        says: 'Let a startup probe wait for the start.',
        command: `kubectl patch deployment {name} -n {namespace} --type=json -p '[{"op":"add","path":"/spec/template/spec/containers/0/startupProbe","value":{"httpGet":{"path":"/healthz","port":8080},"periodSeconds":10,"failureThreshold":30}}]'`,
        changes: true,
      },
    ],
    fix: [
      'Give every slow starter a startupProbe with failureThreshold × period longer than its worst start, and find out what the start waits for.',
    ],
    links: [
      'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-startup-probes',
    ],
  },
  *evaluate(incident) {
    const slow = incident.pods.flatMap((pod) => startOf(incident, pod) ?? [])
    for (const [, members] of Map.groupBy(slow, ({ pod }) => keyOf(pod.workload)))
      yield describe(incident, (members[0] as Start).pod.workload, members)
  },
}

/** A container that a probe kills before it is up. */
interface Start {
  readonly pod: Pod
  readonly container: Container
  readonly kind: 'startup' | 'liveness'
  readonly probe: Probe
  readonly said: readonly Said[]
}

function startOf(incident: Incident, pod: Pod): Start | undefined {
  const isDown = pod.deleted === undefined && (!pod.ready || crashesOf(incident, pod).length > 0)
  const said = isDown ? probeKillsOf(incident, pod) : []
  const container = pod.containers.find(
    (one) => isNamed(said, one) && one.restarts > 0 && neverStartsUp(incident, pod, one),
  )
  const kind = container?.probes.startup ? 'startup' : 'liveness'
  const probe = container?.probes[kind]
  return container && probe ? { pod, container, kind, probe, said } : undefined
}

function isNamed(said: readonly Said[], { name }: Container): boolean {
  return said.some(({ values, about }) => (values.container ?? about.container ?? name) === name)
}

function describe(incident: Incident, workload: Ref, starts: readonly Start[]): Finding {
  const [{ pod, container, kind, probe }] = starts as readonly [Start, ...Start[]]
  const said = starts.flatMap((one) => one.said)
  const failures = probeFailuresOf(incident, pod, kind)
  const waits = 1000 * probe.initialDelay + patienceOf(probe)
  const lived = (container.last?.finished ?? 0) - (container.last?.started ?? 0)
  return {
    kind: 'cause',
    subject: workload,
    strength: container.restarts >= 2 ? 'strong' : 'weak',
    from: earliest([...failures, ...said].map(({ first }) => first)),
    says: `${container.name} in ${count(starts.length, 'pod')} of ${workload.name} is killed before it is up: its ${kind} probe waits ${tellSpan(waits)}${kind === 'liveness' ? ' and there is no startup probe' : ''}; the last life was ${tellSpan(lived)}, ${count(container.restarts, 'restart')}.`,
    cites: atLeastOne(
      [...said.slice(0, 2), ...failures.slice(0, 1)]
        .map((one) => one.citation)
        .concat(cite(pod, [...container.specPath, `${kind}Probe`])),
    ),
    affects: sufferersOf(
      incident,
      starts.map((one) => one.pod),
    ),
  }
}
