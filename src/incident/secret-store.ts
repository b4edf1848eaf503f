import type { Incident } from './incident.ts'
import { textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'

/** The store that an ExternalSecret reads from (external-secrets.io/v1, SecretStoreRef); undefined where it names none, or the bundle has none. */
export function secretStoreOf(incident: Incident, { ref, json }: KubeObject): KubeObject | undefined {
  const kind = textAt(json, 'spec', 'secretStoreRef', 'kind') || 'SecretStore'
  const namespace = kind === 'ClusterSecretStore' ? undefined : ref.namespace
  return incident.find(kind, namespace, textAt(json, 'spec', 'secretStoreRef', 'name'))
}
