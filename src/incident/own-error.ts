import type { Citation } from './citation.ts'
import { NO_ANSWER } from './failed-call.ts'
import type { Incident } from './incident.ts'
import { citeLogLine } from './last-words.ts'
import { LATELY } from './lately.ts'
import { PROGRESS } from './logs/classes.ts'
import type { LogSummary, LogTemplate } from './logs/log-summary.ts'
import { templateKey } from './logs/template-key.ts'
import { is } from './messages/index.ts'
import type { Pod } from './pod.ts'
import { tellsFailure } from './tells-failure.ts'

/** What a container that does not serve says again and again. */
export interface OwnError {
  readonly template: LogTemplate
  readonly citation: Citation
  /** Whether it is most of what goes wrong there, and is not about somebody who does not answer. */
  readonly isTelling: boolean
}

/** Once is chance, twice is a retry. */
const REPEATED = 3

/** An error this long before the pod was not ready may have made it so; an older one it lived with. */
const BEFORE = 5 * 60 * 1000

/**
 * The error that a container repeats until now, where it lives no longer with it than it is not ready, and no pod of the same workload that is
 * ready repeats it: what keeps it from serving, whatever it means.
 */
export function ownErrorOf(incident: Incident, pod: Pod, container: string, since: number): OwnError | undefined {
  const all = repeatedOf(incident, pod, container).filter(
    ({ template: { first } }) => (first ?? since) >= since - BEFORE,
  )
  const known = new Set(readySiblings(incident, pod).flatMap((one) => repeatedOf(incident, one, container).map(keyOf)))
  const own = all.filter((one) => !known.has(keyOf(one))).sort(byTelling)
  const [found] = own
  if (!found) return undefined
  const { template, summary } = found
  const times = own.reduce((sum, one) => sum + one.template.count, 0)
  const isRemote = template.classes.some((one) => NO_ANSWER.has(one)) && !is(template.example.text, 'vault-sealed')
  return {
    template,
    citation: citeLogLine(summary.path, template.lastLine),
    isTelling: template.first !== undefined && !isRemote && 2 * template.count >= times,
  }
}

interface Repeated {
  readonly summary: LogSummary
  readonly template: LogTemplate
}

function repeatedOf(incident: Incident, { ref }: Pod, container: string): readonly Repeated[] {
  return incident
    .logsOf(ref)
    .filter((log) => log.container === container && !log.previous)
    .flatMap(({ summary }) => summary.templates.map((template) => ({ summary, template })))
    .filter(({ template }) => isError(template) && template.count >= REPEATED && isSaidTillNow(incident, template))
}

/** What answers a probe, or anyone else, with an error says no more than the probe. */
const ANSWER = /kube-probe|"(?:GET|HEAD|POST) \S{1,500} HTTP\/|\b(?:readiness|liveness|startup|readyz|healthz|livez)\b/i

function isError(template: LogTemplate): boolean {
  return !ANSWER.test(template.lastLine.text) && tellsFailure(template)
}

function isSaidTillNow({ start }: Incident, { last }: LogTemplate): boolean {
  return last === undefined || last >= start - LATELY
}

function readySiblings(incident: Incident, { ref, workload }: Pod): readonly Pod[] {
  return (incident.workloadOf(workload)?.pods ?? []).filter((one) => one.ready && one.ref.name !== ref.name)
}

function keyOf({ template: { example } }: Repeated): string {
  return templateKey(example.text)
}

/** What means something, then what is said most. */
function byTelling(a: Repeated, b: Repeated): number {
  return Number(isMeant(b.template)) - Number(isMeant(a.template)) || b.template.count - a.template.count
}

function isMeant({ classes }: LogTemplate): boolean {
  return classes.some((one) => !PROGRESS.has(one))
}
