import type { Incident } from './incident.ts'
import { listAt, recordAt, textAt } from './kubernetes.ts'
import { matchesSelector } from './selector.ts'
import { type Webhook, webhooksOf } from './webhook.ts'

/** The labels and the namespace by which the API server chooses the webhooks that it asks of a new pod. */
export interface NewPod {
  readonly namespace: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

/** The webhooks that are asked before a pod is taken. One with conditions in CEL is told by `isConditional`: whether they hold is not read here. */
export function webhooksOfPod(incident: Incident, pod: NewPod): readonly (Webhook & { isConditional: boolean })[] {
  return webhooksOf(incident)
    .filter(({ object, path }) => isAsked(incident, recordAt(object.json, ...path.slice(0, -1)), pod))
    .map((one) => ({
      ...one,
      isConditional: listAt(one.object.json, ...one.path.slice(0, -1), 'matchConditions').length > 0,
    }))
}

function isAsked(incident: Incident, webhook: unknown, { namespace, labels }: NewPod): boolean {
  const home = incident.find('Namespace', undefined, namespace ?? '')?.labels ?? {}
  // Every namespace has this label (KEP-2161).
  const place = { ...home, 'kubernetes.io/metadata.name': namespace ?? '' }
  return (
    listAt(webhook, 'rules').some(isOfNewPods) &&
    matchesSelector(recordAt(webhook, 'namespaceSelector'), place) &&
    matchesSelector(recordAt(webhook, 'objectSelector'), labels)
  )
}

/** RuleWithOperations of admissionregistration.k8s.io/v1: `*` is any, and `*` of resources is without subresources. */
function isOfNewPods(rule: unknown): boolean {
  const names = (field: string, ...wanted: readonly string[]) =>
    listAt(rule, field).some((one) => typeof one === 'string' && wanted.includes(one))
  return (
    names('operations', 'CREATE', '*') &&
    names('apiGroups', '', '*') &&
    names('resources', 'pods', '*', '*/*') &&
    textAt(rule, 'scope') !== 'Cluster'
  )
}

const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io'

/** What EKS brings: they set volumes, variables and `vpc.amazonaws.com/pod-eni`, and no amount of CPU or memory. */
const OF_EKS = new Set(['pod-identity-webhook', 'vpc-resource-mutating-webhook'])

/** Whether a pod may ask for other amounts than its template says, because a webhook changes it, or may: who was not captured is not ruled out. */
export function mayBeChanged(incident: Incident, pod: NewPod): boolean {
  if (!incident.coverage.isComplete(MUTATING)) return true
  return webhooksOfPod(incident, pod).some(
    ({ object }) => object.ref.kind === 'MutatingWebhookConfiguration' && !OF_EKS.has(object.ref.name),
  )
}
