import { atLeastOne, cite } from '../../incident/citation.ts'
import { type Condition, conditionOf, readConditions } from '../../incident/condition.ts'
import { serviceAt } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { type Ref, uniqueRefs } from '../../incident/reference.ts'
import { tellTime } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { TELLING } from '../suffering.ts'
import { backendOf } from './backend.ts'

/** A group of kinds that pods of the cluster serve, and do not. */
export const aggregatedApiDown: Rule<'aggregated-api-down'> = {
  id: 'aggregated-api-down',
  title: 'A part of the API that pods serve does not answer',
  domain: 'control-plane',
  seeds: ['KIA 2.7'],
  needs: ['apiservices.apiregistration.k8s.io'],
  helps: ['services', 'pods', 'endpointslices.discovery.k8s.io'],
  explains: ['control-plane-failing', 'not-scaling', 'stuck-terminating', 'errors', 'unhealthy-condition', 'warnings'],
  explain: {
    mechanism:
      'An APIService hands a group of kinds, such as metrics.k8s.io, to a Service of the cluster. When nobody answers there, autoscalers get no metrics, kubectl top fails, and everything that lists all kinds fails in part: above all the deletion of namespaces, and garbage collection.',
    proof: [
      'The APIService has the condition Available False, with MissingEndpoints, ServiceNotFound or FailedDiscoveryCheck.',
      'kubectl get --raw /apis/GROUP/VERSION answers 503.',
    ],
    lookAlikes: [
      'hpa-metrics-unknown of one autoscaler: its pods have no requests, and the API answers.',
      'networkpolicy-blocks-traffic, security-group-or-nacl-block: the pods are ready, and the API server cannot reach them.',
    ],
    mitigate: [
      { says: 'See what stands behind it.', command: 'kubectl get apiservice {name} -o yaml', changes: false },
      {
        says: 'Bring its pods back. If what served it was removed on purpose, remove the APIService too.',
        command: 'kubectl delete apiservice {name}',
        changes: true,
      },
    ],
    fix: ['Run what serves an API with two replicas, and remove its APIService when it goes.'],
    links: ['https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/'],
  },
  *evaluate(incident) {
    for (const service of incident.objects('apiservices.apiregistration.k8s.io')) {
      const available = conditionOf(readConditions(service.json), 'Available')
      if (available?.status === 'False') yield describe(incident, service, available)
    }
  },
}

/** Pods that are there and not ready have a reason of their own, and another rule tells it. */
function describe(incident: Incident, api: KubeObject, available: Condition): Finding {
  const target = {
    namespace: textAt(api.json, 'spec', 'service', 'namespace'),
    name: textAt(api.json, 'spec', 'service', 'name'),
  }
  const service = serviceAt(incident, target.namespace, target.name)
  const backend = backendOf(incident, target.name === '' ? undefined : target, service)
  return {
    kind: backend.state === 'ill' || isUnseen(backend.state, available) ? 'mechanism' : 'cause',
    subject: api.ref,
    strength: backend.state === 'missing' || backend.state === 'absent' || backend.state === 'ill' ? 'proof' : 'strong',
    from: available.since,
    notBefore: notBeforeOf(backend.state, available),
    says: `The API ${api.ref.name} does not answer since ${tellTime(available.since)} (${available.reason}): ${backend.says}.`,
    cites: atLeastOne([
      cite(api, [...available.path, 'message']),
      cite(api, [...available.path, 'status']),
      ...backend.cites,
    ]),
    affects: uniqueRefs([...backend.refs, ...dependents(incident, api)]),
  }
}

/** Where it is not seen what stands behind it, that may be pods which fail for a reason of their own; that the Service is not there is said. */
function isUnseen(state: ReturnType<typeof backendOf>['state'], { reason }: Condition): boolean {
  return state === 'unknown' && reason !== 'ServiceNotFound'
}

/** Autoscalers need metrics of its kind; a namespace is not deleted while a group of kinds cannot be listed. */
function dependents(incident: Incident, { json }: KubeObject): readonly Ref[] {
  const reasons = LACKING.get(textAt(json, 'spec', 'group'))
  const autoscalers = incident.objects('horizontalpodautoscalers.autoscaling')
  return [
    ...incident.objects('namespaces').filter(cannotList),
    ...(reasons ? autoscalers.filter((one) => lacksMetrics(one, reasons)) : []),
  ].map(({ ref }) => ref)
}

/** What an autoscaler gives as its reason where a group of metrics does not come (pkg/controller/podautoscaler/horizontal.go). */
const LACKING: ReadonlyMap<string, readonly string[]> = new Map([
  ['metrics.k8s.io', ['FailedGetResourceMetric', 'FailedGetContainerResourceMetric']],
  ['custom.metrics.k8s.io', ['FailedGetPodsMetric', 'FailedGetObjectMetric']],
  ['external.metrics.k8s.io', ['FailedGetExternalMetric']],
])

function lacksMetrics({ json }: KubeObject, reasons: readonly string[]): boolean {
  const active = conditionOf(readConditions(json), 'ScalingActive')
  return active?.status === 'False' && (active.reason === '' || reasons.includes(active.reason))
}

function cannotList({ json, deleted }: KubeObject): boolean {
  const conditions = readConditions(json)
  const failure = conditionOf(conditions, 'NamespaceDeletionDiscoveryFailure')
  return deleted !== undefined && (conditions.length === 0 || failure?.status === 'True')
}

/** What is not there at all does not come and go; pods that do not answer may. */
function notBeforeOf(state: ReturnType<typeof backendOf>['state'], { since }: Condition): number | undefined {
  return since !== undefined && (state === 'missing' || state === 'absent') ? since - TELLING : undefined
}
