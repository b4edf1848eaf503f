import { serviceAt } from './endpoints.ts'
import type { Incident } from './incident.ts'
import { listAt, numberAt, recordAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Service } from './service.ts'

/** A webhook that the API server asks before it takes an object, or to translate it. */
export interface Webhook {
  readonly name: string
  /** Its configuration, or the CustomResourceDefinition. */
  readonly object: KubeObject
  readonly path: readonly (string | number)[]
  readonly failsClosed: boolean
  readonly timeoutSeconds: number
  /** Where it is asked; undefined for one outside of the cluster. */
  readonly target: { readonly namespace: string; readonly name: string; readonly port: number } | undefined
  readonly service: Service | undefined
  readonly caBundle: string
}

const KINDS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].map(
  (one) => `${one}.admissionregistration.k8s.io`,
)

/** The admission webhooks of a cluster. */
export function webhooksOf(incident: Incident): readonly Webhook[] {
  return KINDS.flatMap(incident.objects).flatMap((object) =>
    listAt(object.json, 'webhooks').map((json, index) => ({
      ...readClient(incident, object, ['webhooks', index, 'clientConfig']),
      name: textAt(json, 'name'),
      // Defaults of admissionregistration.k8s.io/v1.
      failsClosed: (textAt(json, 'failurePolicy') || 'Fail') === 'Fail',
      timeoutSeconds: numberAt(json, 'timeoutSeconds') ?? 10,
    })),
  )
}

/** The webhooks that translate custom resources between versions. */
export function conversionWebhooksOf(incident: Incident): readonly Webhook[] {
  const path = ['spec', 'conversion', 'webhook', 'clientConfig']
  return incident
    .objects('customresourcedefinitions.apiextensions.k8s.io')
    .filter(({ json }) => textAt(json, 'spec', 'conversion', 'strategy') === 'Webhook')
    .map((object) => ({
      ...readClient(incident, object, path),
      name: object.ref.name,
      failsClosed: true,
      timeoutSeconds: 30,
    }))
}

function readClient(incident: Incident, object: KubeObject, path: readonly (string | number)[]) {
  const client = recordAt(object.json, ...path)
  const service = recordAt(client, 'service')
  const target = {
    namespace: textAt(service, 'namespace'),
    name: textAt(service, 'name'),
    port: numberAt(service, 'port') ?? 443,
  }
  return {
    object,
    path,
    target: target.name === '' ? undefined : target,
    service: serviceAt(incident, target.namespace, target.name),
    caBundle: textAt(client, 'caBundle'),
  }
}
