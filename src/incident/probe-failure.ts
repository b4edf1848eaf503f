import type { Container, Probe, ProbeKind } from './container.ts'
import type { Incident } from './incident.ts'
import { listAt, numberAt, textAt } from './kubernetes.ts'
import { isSaidNow } from './lately.ts'
import type { Pod } from './pod.ts'
import type { Said } from './statement.ts'

/** What a failing probe met, in the words of the kubelet, as far as it tells. */
export type ProbeTrouble =
  | 'refused'
  | 'timeout'
  | 'server-error'
  | 'wrong-path'
  | 'broken'
  | 'unreachable'
  | 'not-run'
  | 'other'

const TROUBLES: Readonly<Record<string, ProbeTrouble>> = {
  'probe-connection-refused': 'refused',
  'probe-timed-out': 'timeout',
  'probe-unreachable': 'unreachable',
  'probe-connection-broken': 'broken',
  'probe-tls-failed': 'broken',
  'probe-grpc-failed': 'server-error',
  'probe-not-executed': 'not-run',
}

const FAILED: Readonly<Record<ProbeKind, Said['id']>> = {
  liveness: 'liveness-probe-failed',
  readiness: 'readiness-probe-failed',
  startup: 'startup-probe-failed',
}

/** What the kubelet said lately of failures of one kind of probe of a pod, oldest first. */
export function probeFailuresOf(incident: Incident, pod: Pod, kind: ProbeKind): readonly Said[] {
  return incident.saidAbout(pod.ref).filter((said) => said.id === FAILED[kind] && isSaidNow(incident, said))
}

/** The trouble that most failures of a probe met. */
export function troubleOf(incident: Incident, pod: Pod, kind: ProbeKind): ProbeTrouble {
  const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`
  const counts = new Map<ProbeTrouble, number>()
  for (const said of incident.saidAbout(pod.ref)) {
    if (!isSaidNow(incident, said) || said.values.probe !== name) continue
    const trouble = said.id === 'probe-status-code' ? ofStatus(Number(said.values.status)) : TROUBLES[said.id]
    if (trouble) counts.set(trouble, (counts.get(trouble) ?? 0) + said.count)
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? 'other'
}

/** What a probe that failed was answered: commands answer in several lines, of which the values of the wording hold the first. */
export function answerOfProbe(said: Said | undefined): string {
  const lines = (said?.text.replace(/^\w+ probe failed: /, '') ?? '').split('\n')
  const telling = lines.filter((line) => line.trim() !== '' && !PROGRESS.test(line))
  return (telling.length > 0 ? telling : lines).join('\n')
}

/** A command of a probe that logs how it gets on before it says what is wrong, as that of calico-node does. */
const PROGRESS = /\[(?:INFO|DEBUG)\]/

/** A path that is not there, or that wants a login, is a mistake of the probe; 429 and 5xx are the application's. */
function ofStatus(status: number): ProbeTrouble {
  return status >= 500 || status === 429 ? 'server-error' : 'wrong-path'
}

/** Whether the port of a probe is none that its container declares, where it declares any: by number or name. */
export function hasUndeclaredPort(container: Container, probe: Probe): boolean {
  const port = portOf(probe)
  const declared = listAt(container.spec, 'ports')
  if (port === '' || declared.length === 0) return false
  return !declared.some((one) => textAt(one, 'name') === port || String(numberAt(one, 'containerPort')) === port)
}

/** The port of a probe, a number or a name; empty where it has none. */
export function portOf({ kind, target }: Probe): string {
  if (kind === 'tcp' || kind === 'grpc') return target
  if (kind !== 'http') return ''
  return /^\S+ ([^/]+)/.exec(target)?.[1] ?? ''
}

/** How long a probe lets a container be ill before the kubelet acts, in milliseconds. */
export function patienceOf({ period, failureThreshold, timeout }: Probe): number {
  return 1000 * (period * (failureThreshold - 1) + timeout)
}
