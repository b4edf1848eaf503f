import type { Incident } from './incident.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import type { Pod } from './pod.ts'
import type { Ref } from './reference.ts'
import type { Use } from './uses.ts'
import { touches } from './writes.ts'

/** The latest change of a ConfigMap's values, with the pods that name it. */
export interface ConfigWrite {
  readonly config: KubeObject
  readonly at: number
  readonly by: string
  readonly users: readonly Pod[]
}

/** A write within this time of the creation is the creation. */
const CREATION = 5000

/** ConfigMaps that no person writes. */
const GENERATED = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt', 'istio-ca-root-cert'])

/** The latest changes of values that pods use, oldest first. */
export const findConfigWrites = onceFor(listWrites)

function listWrites(incident: Incident): readonly ConfigWrite[] {
  return incident
    .objects('configmaps')
    .filter(
      ({ ref, annotations }) => !GENERATED.has(ref.name) && !annotations['control-plane.alpha.kubernetes.io/leader'],
    )
    .flatMap((config) => {
      const users = incident.usersOf('ConfigMap', config.ref.namespace, config.ref.name)
      const write = users.length === 0 ? undefined : lastWriteOf(config, incident, users)
      return write ? [{ config, ...write, users }] : []
    })
    .sort((a, b) => a.at - b.at)
}

function lastWriteOf(
  config: KubeObject,
  incident: Incident,
  users: readonly Pod[],
): { at: number; by: string } | undefined {
  const write = config.writes.findLast((one) => one.subresource === '' && VALUES.some((path) => touches(one, path)))
  if (write?.at === undefined) return undefined
  const isCreation = write.at - (config.created ?? 0) < CREATION
  return isCreation && !isReplacement(config, incident, users) ? undefined : { at: write.at, by: write.manager }
}

const VALUES = ['data', 'binaryData']

/** A ConfigMap that is younger than what uses it was deleted and made anew. */
function isReplacement({ created = 0 }: KubeObject, incident: Incident, users: readonly Pod[]): boolean {
  return users.some((pod) => {
    const owner = incident.workloadOf(pod.workload)?.object
    const born = Math.min(pod.created ?? created, owner?.created ?? created)
    return born < created - 60_000 && (pod.created ?? created) < created
  })
}

/** How a pod uses a ConfigMap. */
export function usesOfConfig(incident: Incident, pod: Pod, config: Ref): readonly Use[] {
  return incident.usesOf(pod).filter(({ kind, name }) => kind === 'ConfigMap' && name === config.name)
}
