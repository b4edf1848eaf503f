import { workloadsBehind } from '../incident/endpoints.ts'
import { NO_ANSWER } from '../incident/failed-call.ts'
import type { Incident } from '../incident/incident.ts'
import { isError } from '../incident/logs/is-error.ts'
import type { LogTemplate } from '../incident/logs/log-summary.ts'
import { onceFor } from '../incident/once-for.ts'
import { isFailing, isHealthy } from '../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../incident/reference.ts'
import { sufferersOfWorkload } from '../incident/sufferers-of-workload.ts'
import { earliest } from '../incident/telling.ts'

/** Errors that were logged longer ago than this are over: whatever still fails is asked for again within minutes. */
export const STILL_LOGGED = 10 * 60 * 1000

/** Who calls these workloads, and who calls those, as far up as somebody logs errors until now or is not well. */
export function erringCallers(incident: Incident, callees: readonly Ref[]): readonly Ref[] {
  const callers = callersIn(incident)
  const seen = new Set(callees.map(keyOf))
  const found: Ref[] = []
  for (let next = [...callees]; next.length > 0; ) {
    next = next
      .flatMap((callee) => callers.get(keyOf(callee)) ?? [])
      .filter((caller) => !seen.has(keyOf(caller)) && isErring(incident, caller))
      .filter((caller) => seen.size < seen.add(keyOf(caller)).size)
    found.push(...next)
  }
  return found
}

/** Workloads that only log errors, with what is seen to suffer with them: their Services, and those of their pods that are not well. */
export function harmedWith(incident: Incident, workloads: readonly Ref[]): readonly Ref[] {
  const all = workloads.flatMap((ref) => [ref, ...sufferersOfWorkload(incident, ref)])
  return uniqueRefs(all.filter((ref) => !isWell(incident, ref)))
}

function isWell(incident: Incident, ref: Ref): boolean {
  const pod = ref.kind === 'Pod' ? incident.podOf(ref) : undefined
  return pod !== undefined && isHealthy(pod)
}

/** Whether a workload calls another one, by any evidence. */
export function isCalledBy(incident: Incident, callee: Ref, caller: Ref): boolean {
  return (callersIn(incident).get(keyOf(callee)) ?? []).some((one) => keyOf(one) === keyOf(caller))
}

/** What the containers of a workload log as errors, or as calls that fail, until now. */
export function currentErrors(incident: Incident, workload: Ref): readonly LogTemplate[] {
  return (incident.workloadOf(workload)?.pods ?? [])
    .flatMap(({ ref }) => incident.logsOf(ref))
    .flatMap(({ summary }) => summary.templates)
    .filter((one) => isError(one) || tellsFailedCall(one))
    .filter(({ last }) => last === undefined || last >= incident.start - STILL_LOGGED)
}

/** Proxies and programs feel what was changed within seconds, and clocks differ. */
const SLACK = 60 * 1000

/** Whether a workload logs errors that it did not log before a moment; any at all where the moment is not known. */
export function errsSince(incident: Incident, workload: Ref, since = 0): boolean {
  return currentErrors(incident, workload).some(({ first }) => first === undefined || first >= since - SLACK)
}

/** When the first of some workloads began to log what it logs as errors until now. */
export function errorOnset(incident: Incident, workloads: readonly Ref[]): number | undefined {
  return earliest(workloads.flatMap((ref) => currentErrors(incident, ref).map(({ first }) => first)))
}

/** Some programs tell of failed calls without alarm. */
function tellsFailedCall({ classes }: LogTemplate): boolean {
  return classes.some((one) => NO_ANSWER.has(one) || one === 'server-error')
}

const erring = onceFor((_: Incident) => new Map<string, boolean>())

function isErring(incident: Incident, workload: Ref): boolean {
  const known = erring(incident)
  const key = keyOf(workload)
  const answer = known.get(key) ?? hasTrouble(incident, workload)
  known.set(key, answer)
  return answer
}

function hasTrouble(incident: Incident, workload: Ref): boolean {
  return (incident.workloadOf(workload)?.pods ?? []).some(isFailing) || currentErrors(incident, workload).length > 0
}

/** Of each workload, those that call it. */
const callersIn = onceFor(mapCallers)

function mapCallers(incident: Incident): ReadonlyMap<string, readonly Ref[]> {
  const behind = new Map(
    incident.services.map((service) => [
      keyOf(service.object.ref),
      [...service.pods.map(({ workload }) => workload), ...workloadsBehind(incident, service).map(({ ref }) => ref)],
    ]),
  )
  const callers = new Map<string, Ref[]>()
  for (const { from, to } of incident.dependencies)
    for (const callee of behind.get(keyOf(to)) ?? [to]) {
      if (keyOf(callee) === keyOf(from)) continue
      const known = callers.get(keyOf(callee))
      if (known) known.push(from)
      else callers.set(keyOf(callee), [from])
    }
  return callers
}
