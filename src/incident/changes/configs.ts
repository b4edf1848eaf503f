import type { Incident } from '../incident.ts'
import { textAt } from '../kubernetes.ts'
import type { KubeObject } from '../object.ts'
import type { RecentChange } from '../recent-change.ts'
import { describeRef } from '../reference.ts'
import { citeWrite } from '../write-citation.ts'
import { touches, type Write } from '../writes.ts'
import { kindOfManager } from './manager.ts'
import { recentWrites } from './window.ts'

/** ConfigMaps that controllers make in every namespace, or keep their state and their locks in. */
const STATE =
  /^(?:kube-root-ca\.crt|istio-ca-root-cert|openshift-service-ca\.crt|extension-apiserver-authentication|cluster-autoscaler-status|.*leader.*|.*election.*|.*-lock|.*-status|ingress-controller-.*)$/

/** Written data of ConfigMaps and Secrets: which keys somebody owns, never what stands there. */
export function* findConfigWrites(incident: Incident): Generator<RecentChange> {
  for (const object of [...incident.objects('configmaps'), ...incident.objects('secrets')]) {
    if (isState(object)) continue
    for (const write of recentWrites(incident, object)) {
      const keys = keysOf(write)
      if (keys.length === 0 || !isMeant(incident, object, write)) continue
      yield {
        what: 'config',
        about: object.ref,
        top: object.ref,
        at: write.at,
        by: write.manager,
        fields: keys,
        says: `${describeRef(object.ref)} was written by ${write.manager || 'somebody'} (${listKeys(keys)}).`,
        cites: [citeWrite(object, write)],
      }
    }
  }
}

/** Whether an object holds what a controller remembers, not what anybody configures. */
export function isState(object: KubeObject): boolean {
  if ('control-plane.alpha.kubernetes.io/leader' in object.annotations) return true
  const type = textAt(object.json, 'type')
  return object.ref.kind === 'Secret'
    ? type.startsWith('helm.sh/release') || type === 'kubernetes.io/service-account-token'
    : STATE.test(object.ref.name)
}

/** Controllers rotate Secrets that pods use; a ConfigMap by a writer that nobody knows counts where a pod uses it. */
function isMeant(incident: Incident, { ref }: KubeObject, { manager }: Write): boolean {
  const kind = kindOfManager(manager)
  if (kind === 'person' || kind === 'delivery') return true
  if (ref.kind === 'ConfigMap' && kind === 'controller') return false
  return incident.usersOf(ref.kind as 'ConfigMap' | 'Secret', ref.namespace, ref.name).length > 0
}

function keysOf(write: Write): readonly string[] {
  const roots = ['data', 'binaryData', 'stringData']
  if (!roots.some((root) => touches(write, root))) return []
  return write.fields.filter((field) => roots.includes(field.split('.')[0] ?? '')).slice(0, 20)
}

function listKeys(keys: readonly string[]): string {
  const names = keys.map((key) => key.replace(/^(?:data|binaryData|stringData)\.?/, '')).filter((key) => key !== '')
  if (names.length === 0) return 'all keys'
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more keys`
}
