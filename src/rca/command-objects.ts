import type { Incident } from '../incident/incident.ts'
import type { Ref } from '../incident/reference.ts'

/** Whether an object is in the bundle, or is what pods in it belong to. */
export function isThere(incident: Incident, ref: Ref): boolean {
  return incident.find(ref.kind, ref.namespace, ref.name) !== undefined || incident.workloadOf(ref) !== undefined
}

const KINDS: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  pod: 'Pod',
}

/** `deployment/coredns`, whose name the rule gives. */
const NAMED = /\b(deployment|statefulset|daemonset|pod)\/([a-z0-9][\w.-]*)/g

/** Whether a command names a workload or a pod that is not there, as far as these were collected. */
export function namesAbsent(incident: Incident, command: string): boolean {
  const [, namespace] = /\s-n (\S+)/.exec(command) ?? []
  return [...command.matchAll(NAMED)].some(([, kind = '', name = '']) => {
    const resource = kind === 'pod' ? 'pods' : `${kind}s.apps`
    const ref = { kind: KINDS[kind] ?? kind, namespace, name }
    return incident.coverage.isComplete(resource, namespace) && !isThere(incident, ref as Ref)
  })
}
