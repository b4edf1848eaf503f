import type { Container, Probe, Terminated } from './container.ts'
import type { Incident } from './incident.ts'
import { numberAt } from './kubernetes.ts'
import type { Pod } from './pod.ts'
import { hasUndeclaredPort, patienceOf, troubleOf } from './probe-failure.ts'
import { keyOf } from './reference.ts'

/** Whether a container is killed by a probe each time before it is up: the start is slower than the probe is patient. */
export function neverStartsUp(incident: Incident, pod: Pod, container: Container): boolean {
  const probe = container.probes.startup ?? container.probes.liveness
  if (!probe || isWrongProbe(incident, pod, container, probe) || wasReady(pod, container)) return false
  const end = container.state.kind === 'terminated' ? container.state : container.last
  return end !== undefined && wasKilledAtOnce(pod, probe, end) && !runsElsewhere(incident, pod)
}

/** With a readiness probe, a pod whose Ready is False since its beginning was never up, and any other was. */
function wasReady({ conditions, created = 0 }: Pod, { probes }: Container): boolean {
  const since = conditions.find(({ type, status }) => type === 'Ready' && status === 'False')?.since
  return probes.readiness !== undefined && since !== undefined && since - created > BEGINNING
}

/** A pod is told to be not ready within this time of its creation, when it gets a node and its first container. */
const BEGINNING = 60_000

/** A wrong path, port or command fails however long one waits. */
function isWrongProbe(incident: Incident, pod: Pod, container: Container, probe: Probe): boolean {
  const trouble = troubleOf(incident, pod, container.probes.startup ? 'startup' : 'liveness')
  return hasUndeclaredPort(container, probe) || trouble === 'wrong-path' || trouble === 'not-run'
}

/** Ended as early as a probe that fails from the first time on can end it, with the grace period and a little more. */
function wasKilledAtOnce(pod: Pod, probe: Probe, { started, finished }: Terminated): boolean {
  if (started === undefined || finished === undefined) return false
  const grace = 1000 * (numberAt(pod.json, 'spec', 'terminationGracePeriodSeconds') ?? 30)
  const soonest = 1000 * probe.initialDelay + patienceOf(probe)
  const lived = finished - started
  return lived >= soonest - 2000 * probe.period && lived <= soonest + grace + 2000 * probe.period
}

/** Whether pods of the same template have come up and stayed. */
function runsElsewhere(incident: Incident, pod: Pod): boolean {
  const siblings = incident.workloadOf(pod.workload)?.pods ?? []
  return siblings.some((one) => {
    const isSame = one.templateHash === pod.templateHash && keyOf(one.ref) !== keyOf(pod.ref)
    return isSame && one.ready && one.containers.every(({ restarts }) => restarts === 0)
  })
}
