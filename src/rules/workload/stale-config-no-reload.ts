import { atLeastOne, citeName } from '../../incident/citation.ts'
import { type ConfigWrite, findConfigWrites, usesOfConfig } from '../../incident/config-write.ts'
import type { Incident } from '../../incident/incident.ts'
import { isTrueAt, stringsAt } from '../../incident/kubernetes.ts'
import type { LogClass, LogTemplate } from '../../incident/logs/log-summary.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, shorten, tellSpan, tellTime } from '../../incident/telling.ts'
import { citeWriteAt } from '../../incident/write-citation.ts'
import { type Claim, type Finding, type Rule, reject } from '../rule.ts'

/** A pod that goes on with values that were changed since it started. */
export const staleConfigNoReload: Rule<'stale-config-no-reload'> = {
  id: 'stale-config-no-reload',
  title: 'Pods go on with configuration that was changed since they started',
  domain: 'workload',
  seeds: ['HN 7'],
  needs: ['pods', 'configmaps'],
  helps: ['logs', 'events'],
  explains: ['errors', 'not-ready', 'no-endpoints', 'crashing', 'slow'],
  explain: {
    mechanism:
      'Variables from a ConfigMap or Secret, and files mounted by subPath, are read once, when the container is made. A file in an ordinary volume follows a change within a minute or two, and helps only a program that reads it again. After the change of an address or a password, such pods call what is no longer there, until somebody restarts them.',
    proof: [
      'The latest write of data in the managedFields of the ConfigMap is after the start of the pods that name it by env, envFrom or subPath.',
      'Their logs show failing calls or logins since then, while pods that started later are well.',
    ],
    lookAlikes: [
      'config-change-broke-app: the failing pods started after the change.',
      'dependency-down: the endpoint fails for everyone, changed or not.',
      'external-secret-not-refreshed: the Secret itself is still the old one.',
      'Only labels or annotations of the ConfigMap were written.',
    ],
    mitigate: [
      {
        says: 'Check the new values, then let the pods read them.',
        command: 'kubectl rollout restart deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Put a checksum of the configuration into the annotations of the pod template, or run a reloader, or let the application read the file again.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically',
    ],
  },
  *evaluate(incident) {
    for (const write of findConfigWrites(incident))
      for (const [, pods] of Map.groupBy(write.users, ({ workload }) => keyOf(workload))) {
        const stale = pods.filter((pod) => isStale(incident, pod, write))
        if (stale.length > 0) yield* judge(incident, write, pods, stale)
      }
  },
}

/** A pod whose containers were made before the change; a plain volume follows it by itself. */
function isStale(incident: Incident, pod: Pod, { config, at }: ConfigWrite): boolean {
  if (pod.deleted !== undefined || pod.phase !== 'Running' || isTrueAt(config.json, 'immutable')) return false
  const containers = new Set(usesOfConfig(incident, pod, config.ref).map(({ container }) => container))
  const users = pod.containers.filter(
    ({ name, role }) => role !== 'init' && (containers.has(undefined) || containers.has(name)),
  )
  return users.some(
    ({ state }) =>
      state.kind === 'running' && state.since !== undefined && state.since < at - incident.clocks.tolerance,
  )
}

function* judge(incident: Incident, write: ConfigWrite, pods: readonly Pod[], stale: readonly Pod[]) {
  const { workload } = stale[0] as Pod
  const isFixed = usesOfConfig(incident, stale[0] as Pod, write.config.ref).some(({ how }) => how !== 'volume')
  const errors = stale.flatMap((pod) => errorsSince(incident, pod, write.at))
  const younger = pods.filter((pod) => !stale.includes(pod))
  if (younger.some((pod) => !pod.ready || errorsSince(incident, pod, write.at).length > 0))
    yield reject(workload, `Its pods that started after the change of ${write.config.ref.name} fail as well.`)
  else if (errors.length > 0) yield describe(incident, { write, stale, younger, errors, isFixed })
  else if (isFixed && incident.now - write.at < A_DAY) yield warn(incident, write, stale)
}

const A_DAY = 24 * 60 * 60 * 1000

/** Errors of old values: calls to what is gone, logins that are refused. */
const CLASSES: ReadonlySet<LogClass> = new Set<LogClass>([
  'connection-refused',
  'timeout',
  'no-route',
  'dns-failure',
  'tls-failure',
  'authentication-failed',
  'forbidden',
  'unavailable',
  'invalid-configuration',
])

/** Somebody takes down the old endpoint a little before or after he writes the new one. */
const AROUND = 15 * 60 * 1000

interface ErrorLine {
  readonly path: string
  readonly template: LogTemplate
}

/** Errors that began around a change, or after it, and lasted. */
function errorsSince(incident: Incident, pod: Pod, at: number): readonly ErrorLine[] {
  return incident
    .logsOf(pod.ref)
    .flatMap(({ summary, previous }) =>
      previous
        ? []
        : summary.templates
            .filter(
              ({ classes, first, last }) =>
                classes.some((one) => CLASSES.has(one)) &&
                first !== undefined &&
                first >= at - AROUND &&
                (last ?? 0) >= at,
            )
            .map((template) => ({ path: summary.path, template })),
    )
}

interface Case {
  readonly write: ConfigWrite
  readonly stale: readonly Pod[]
  readonly younger: readonly Pod[]
  readonly errors: readonly ErrorLine[]
  readonly isFixed: boolean
}

function describe(incident: Incident, { write, stale, younger, errors, isFixed }: Case): Finding {
  const [pod] = stale as readonly [Pod, ...Pod[]]
  const [{ template, path }] = errors as readonly [ErrorLine, ...ErrorLine[]]
  const reloader = reloaderOf(incident, pod)
  return {
    kind: 'cause',
    subject: pod.workload,
    strength: isFixed ? 'strong' : 'weak',
    from: Math.max(write.at, Math.min(...errors.map((one) => one.template.first ?? write.at))),
    says: `${count(stale.length, 'pod')} of ${pod.workload.name} still run with the values of before ${tellTime(write.at)}, when the ConfigMap ${write.config.ref.name} was changed${write.by === '' ? '' : ` by ${write.by}`}${younger.length > 0 ? `; ${count(younger.length, 'pod')} that started later are well` : ''}. Since then: "${shorten(template.example.text)}".`,
    cites: atLeastOne([
      citeWriteAt(write.config, write.at) ?? citeName(write.config),
      { file: path, line: template.example.line, words: template.example.text.slice(0, 400) },
      citeName(pod),
    ]),
    affects: sufferersOf(incident, stale),
    ...(reloader ? { against: [reloader] } : {}),
  }
}

/** A reloader that should have restarted the pods. */
function reloaderOf(incident: Incident, { workload }: Pod): Claim | undefined {
  const owner = incident.workloadOf(workload)?.object
  const annotations = {
    ...owner?.annotations,
    ...stringsAt(owner?.json, 'spec', 'template', 'metadata', 'annotations'),
  }
  const name = Object.keys(annotations).find((key) => key.includes('reloader.stakater.com/'))
  return owner && name
    ? { says: `${owner.ref.name} asks a reloader to restart it (${name}).`, cites: [citeName(owner)] }
    : undefined
}

function warn(incident: Incident, write: ConfigWrite, stale: readonly Pod[]): Finding {
  const [pod] = stale as readonly [Pod, ...Pod[]]
  return {
    kind: 'risk',
    subject: pod.workload,
    strength: 'strong',
    from: write.at,
    says: `${count(stale.length, 'pod')} of ${pod.workload.name} started before the ConfigMap ${write.config.ref.name} was changed, ${tellSpan(incident.now - write.at)} before the capture, and cannot see the new values.`,
    cites: atLeastOne([citeWriteAt(write.config, write.at) ?? citeName(write.config), citeName(pod)]),
    affects: sufferersOf(incident, stale),
  }
}
