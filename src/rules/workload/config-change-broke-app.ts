import { CONFIG_CLASSES, suspectsOf } from '../../incident/bad-config.ts'
import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import { type ConfigWrite, findConfigWrites } from '../../incident/config-write.ts'
import { type Crash, crashesOf } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { type LastWords, lastWordsOf } from '../../incident/last-words.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { endedByProbe } from '../../incident/probe-kill.ts'
import { keyOf } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellSpan, tellTime } from '../../incident/telling.ts'
import { citeWriteAt } from '../../incident/write-citation.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A changed ConfigMap that the application cannot live with. */
export const configChangeBrokeApp: Rule<'config-change-broke-app'> = {
  id: 'config-change-broke-app',
  title: 'A change of configuration broke the application',
  domain: 'workload',
  needs: ['pods', 'configmaps'],
  helps: ['previous-logs', 'logs', 'events'],
  explains: [
    'crashing',
    'not-ready',
    'no-endpoints',
    'errors',
    'rollout-stalled',
    'job-failing',
    'unhealthy-condition',
  ],
  explain: {
    mechanism:
      'Somebody changed a ConfigMap. Pods that started before go on with the values of then; every container that starts later reads the new ones, and fails. The change may be hours old: it shows with the next restart, scale-out or node replacement.',
    proof: [
      'The latest write of data in the managedFields of the ConfigMap is before the first failure, and a pod that names the ConfigMap fails since.',
      'The last words of the application complain about its configuration.',
      'Pods of the same template that started before the change are well.',
    ],
    lookAlikes: [
      'stale-config-no-reload: the failing pods started before the change.',
      'missing-config-reference: the object or key is not there, and the container does not start at all.',
      'bad-rollout: a new template, and not only new values.',
      'All pods fail, whenever they started: look at what they depend on.',
    ],
    mitigate: [
      {
        says: 'See who wrote it and when.',
        command: 'kubectl get configmap {name} -n {namespace} -o yaml --show-managed-fields',
        changes: false,
      },
      {
        says: 'Apply the values of before, and restart what uses it.',
        command: 'kubectl apply -n {namespace} -f <the ConfigMap of before>',
        changes: true,
      },
    ],
    fix: [
      'Validate configuration in CI with the application that reads it; give every version of a ConfigMap its own name, so that a rollout carries it and can be undone.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/configuration/configmap/',
      'https://kubernetes.io/docs/tasks/manage-kubernetes-objects/kustomization/',
    ],
  },
  *evaluate(incident) {
    for (const write of findConfigWrites(incident))
      for (const [, pods] of Map.groupBy(write.users, ({ workload }) => keyOf(workload))) {
        const sick = pods.filter((pod) => isSick(incident, pod))
        if (sick.length === 0) continue
        const after = sick.filter((pod) => failsSince(incident, pod, write))
        if (after.length > 0) yield describe(incident, write, pods, after)
        else
          yield reject(
            write.config.ref,
            `${(sick[0] as Pod).workload.name} did not begin to fail after the change of ${tellTime(write.at)}.`,
          )
      }
  },
}

function isSick(incident: Incident, pod: Pod): boolean {
  return crashesOf(incident, pod).length > 0 || (isFailing(pod) && pod.phase === 'Running')
}

/** Whether a pod read the new values, and fails since, soon after them or with words about them. */
function failsSince(incident: Incident, pod: Pod, write: ConfigWrite): boolean {
  const crashes = ownCrashes(incident, pod)
  if (crashes.length > 0) return suspectsOf(incident, pod.workload, crashes).includes(write)
  const unready = pod.conditions.find(({ type, status }) => type === 'Ready' && status === 'False')?.since
  const hasRead = startedLast(pod) >= write.at - incident.clocks.tolerance
  return (
    crashesOf(incident, pod).length === 0 &&
    hasRead &&
    unready !== undefined &&
    unready >= write.at &&
    complainsOf(incident, pod) !== undefined
  )
}

/** Crashes that are not the doing of the kubelet or the kernel. */
function ownCrashes(incident: Incident, pod: Pod): readonly Crash[] {
  return crashesOf(incident, pod).filter((crash) => crash.end?.reason !== 'OOMKilled' && !endedByProbe(incident, crash))
}

function startedLast({ containers, started, created }: Pod): number {
  const starts = containers.flatMap(({ state }) =>
    state.kind === 'running' && state.since !== undefined ? [state.since] : [],
  )
  return Math.max(started ?? created ?? 0, ...starts)
}

/** What a pod says against its configuration, in the log of a crash or of now. */
function complainsOf(incident: Incident, pod: Pod): LastWords | undefined {
  for (const crash of ownCrashes(incident, pod)) {
    const words = lastWordsOf(incident, crash)
    if (words) return words
  }
  for (const { summary } of incident.logsOf(pod.ref)) {
    const template = summary.templates.find(({ classes }) => classes.some((one) => CONFIG_CLASSES.has(one)))
    if (template)
      return {
        text: template.example.text,
        classes: template.classes,
        isError: true,
        citation: { file: summary.path, line: template.example.line, words: template.example.text.slice(0, 400) },
      }
  }
  return undefined
}

function describe(incident: Incident, write: ConfigWrite, pods: readonly Pod[], sick: readonly Pod[]): Finding {
  const { config, at, by } = write
  const [pod] = sick as readonly [Pod, ...Pod[]]
  const words = complainsOf(incident, pod)
  const older = pods.filter((one) => one.ready && startedLast(one) < at)
  const since = Math.min(...sick.map((one) => firstSeen(incident, one, at)))
  return {
    kind: 'cause',
    subject: config.ref,
    strength: strengthOf(words, older) === 'strong' || isAtOnce(incident, write, pods) ? 'strong' : 'weak',
    from: at,
    says: `The ConfigMap ${config.ref.name} was changed at ${tellTime(at)}${by === '' ? '' : ` by ${by}`}, and ${count(sick.length, 'pod')} of ${pod.workload.name} that read it since fail, from ${tellSpan(since - at)} after it on${older.length > 0 ? `, while ${count(older.length, 'pod')} that started before are well` : ''}.${words ? ` It says: "${shorten(words.text)}".` : ''}`,
    cites: atLeastOne(
      [
        citeWriteAt(config, at) ?? citeName(config),
        ...(words ? [words.citation] : []),
        ...citeSick(incident, pod),
      ].slice(0, 5),
    ),
    affects: sufferersOf(incident, sick),
  }
}

function strengthOf(words: LastWords | undefined, older: readonly Pod[]): Finding['strength'] {
  const complains = words?.classes.some((one) => CONFIG_CLASSES.has(one)) === true
  if (complains || older.length > 0) return 'strong'
  return 'weak'
}

/** So soon after an edit a program that watches its files, or that is started anew for it, has read them (the kubelet syncs every minute). */
const AT_ONCE = 2 * 60 * 1000

/** Whether somebody edited the values by hand, and all pods that read them panic since, from soon after it on, though they ran before. */
function isAtOnce(incident: Incident, { at, by }: ConfigWrite, pods: readonly Pod[]): boolean {
  if (!BY_HAND.test(by) || pods.length < 2) return false
  return pods.every((pod) => {
    const crashes = ownCrashes(incident, pod)
    const panics = crashes.some((crash) => lastWordsOf(incident, crash)?.classes.includes('panic'))
    return panics && (pod.created ?? at) < at - AT_ONCE && firstSeen(incident, pod, at) - at < AT_ONCE
  })
}

/** A status keeps the last of many ends; that the kubelet waits before the next start is told from the second on. */
function firstSeen(incident: Incident, pod: Pod, at: number): number {
  const waits = incident.saidAbout(pod.ref).filter(({ id, first }) => id === 'crash-loop' && (first ?? 0) >= at)
  return earliest([onsetOf(incident, pod, at), ...waits.map(({ first }) => first)]) ?? at
}

/** The field managers of kubectl where somebody types (kubectl, pkg/cmd: `kubectl-edit`, `kubectl-patch`, `kubectl-replace`). */
const BY_HAND = /^kubectl-(?:edit|patch|replace|client-side-apply|create)$/

function onsetOf(incident: Incident, pod: Pod, at: number): number {
  const known = crashesOf(incident, pod).flatMap(({ since }) => (since !== undefined && since >= at ? [since] : []))
  return known.length > 0 ? Math.min(...known) : Math.max(at, startedLast(pod))
}

function citeSick(incident: Incident, pod: Pod): readonly Citation[] {
  const [crash] = crashesOf(incident, pod)
  if (crash) return [crash.citation]
  const ready = pod.conditions.find(({ type }) => type === 'Ready')
  return ready ? [cite(pod, [...ready.path, 'status'])] : []
}
