import type { Incident } from './incident.ts'
import { listAt, stringsAt } from './kubernetes.ts'
import type { Pod } from './pod.ts'
import { keyOf } from './reference.ts'
import { schedulerOf } from './unseen-pod.ts'
import type { Workload } from './workload.ts'

/** The workloads that are a scheduler of a name: by the name of a workload or container, an argument that is the name, or a configuration that has a profile for it. */
export function runnersOfScheduler(incident: Incident, scheduler: string): readonly Workload[] {
  const configured = new Set(
    incident
      .objects('configmaps')
      .filter(({ json }) => Object.values(stringsAt(json, 'data')).some((text) => hasProfile(text, scheduler)))
      .flatMap(({ ref }) => incident.usersOf('ConfigMap', ref.namespace, ref.name))
      .map(({ workload }) => keyOf(workload)),
  )
  return incident.workloads.filter((workload) => configured.has(keyOf(workload.ref)) || isCalled(workload, scheduler))
}

/** A line of a KubeSchedulerConfiguration, in YAML or JSON. */
function hasProfile(text: string, scheduler: string): boolean {
  const named = [...text.matchAll(/\bschedulerName"?\s{0,5}:\s{0,5}["']?([\w.-]{1,253})/g)]
  return named.some(([, name]) => name === scheduler)
}

function isCalled({ ref, pods }: Workload, scheduler: string): boolean {
  const named = (pod: Pod) =>
    schedulerOf(pod) !== scheduler &&
    pod.containers.some(({ name, spec }) => {
      const words = [...listAt(spec, 'command'), ...listAt(spec, 'args')]
      return name === scheduler || words.some((one) => typeof one === 'string' && one.split('=').at(-1) === scheduler)
    })
  return ref.name.includes(scheduler) || pods.some(named)
}
