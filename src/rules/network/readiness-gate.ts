import { type Condition, conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'

/** Conditions that the AWS Load Balancer Controller sets at pods, one for each target group. */
const GATE = 'target-health.elbv2.k8s.aws/'

/** A target is registered and checked for a while before it is healthy: two checks of 15 s, and the registration. */
const REGISTRATION_MS = 3 * 60_000

/** What the load balancer says of a pod that it does not send requests to. */
export function gateOf(pod: Pod): Condition | undefined {
  return pod.conditions.find(({ type, status }) => type.startsWith(GATE) && status !== 'True')
}

/** Whether the containers of a pod are ready. */
export function hasReadyContainers({ conditions }: Pod): boolean {
  return conditionOf(conditions, 'ContainersReady')?.status === 'True'
}

/** Since when the containers of a pod are ready. */
export function readySince({ conditions, created }: Pod): number | undefined {
  return conditionOf(conditions, 'ContainersReady')?.since ?? created
}

/** Whether a pod has waited for a load balancer longer than it takes to be registered. */
export function waitsForBalancer({ now }: Incident, pod: Pod): boolean {
  const isGated = listAt(pod.json, 'spec', 'readinessGates').some((gate) =>
    textAt(gate, 'conditionType').startsWith(GATE),
  )
  const isOpen = isGated && !pod.conditions.some(({ type, status }) => type.startsWith(GATE) && status === 'True')
  const isWaiting = gateOf(pod) !== undefined || isOpen
  return (
    isWaiting && pod.deleted === undefined && hasReadyContainers(pod) && now - (readySince(pod) ?? 0) > REGISTRATION_MS
  )
}
