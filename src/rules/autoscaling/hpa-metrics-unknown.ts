import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { shorten } from '../../incident/telling.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { listScalers, type Scaler, scalerCondition } from './hpa-findings.ts'

/** An autoscaler that has no metrics to scale by. */
export const hpaMetricsUnknown: Rule<'hpa-metrics-unknown'> = {
  id: 'hpa-metrics-unknown',
  title: 'An autoscaler has no metrics',
  domain: 'autoscaling',
  seeds: ['KIA 7.1.2A'],
  needs: ['horizontalpodautoscalers.autoscaling'],
  helps: ['apiservices.apiregistration.k8s.io', 'events'],
  explains: ['not-scaling'],
  explain: {
    mechanism:
      'The autoscaler computes replicas from a metric by the request of every container. The metrics API does not answer, knows nothing of the pods, or one container, often a sidecar that was injected, has no request. It then leaves the number of pods as it is, whatever the load.',
    proof: [
      'Condition ScalingActive is False with FailedGetResourceMetric, FailedGetPodsMetric, FailedGetExternalMetric or FailedGetScale, and its message.',
    ],
    lookAlikes: [
      'hpa-maxed: it has metrics and is at its maximum.',
      'An autoscaler whose target has no replicas is switched off.',
      'Pods that just started have no metrics for a minute.',
    ],
    mitigate: [
      {
        says: 'See whether the metrics API answers.',
        command: 'kubectl get apiservice v1beta1.metrics.k8s.io && kubectl top pods -n {namespace}',
        changes: false,
      },
      { says: 'Set the missing request, or scale by hand until it works.', changes: true },
    ],
    fix: [
      'Give every container requests, sidecars too, or scale by ContainerResource; run metrics-server with two replicas.',
    ],
    links: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/'],
  },
  *evaluate(incident) {
    for (const scaler of listScalers(incident)) {
      const verdict = judge(incident, scaler)
      if (verdict) yield verdict
    }
  },
}

/** A new pod has metrics after its first scrape (metrics-server: 15 s, twice). */
const PATIENCE = 2 * 60 * 1000

/** What points to the one who has to mend it. */
const OWN_FAULT: ReadonlySet<MessageId> = new Set<MessageId>([
  'hpa-missing-request',
  'hpa-target-missing',
  'hpa-selector-missing',
])

function hasNoReadyPod(incident: Incident, { target }: Scaler): boolean {
  const pods = incident.workloadOf(target)?.pods ?? []
  return pods.length > 0 && !pods.some(({ ready }) => ready)
}

function judge(incident: Incident, scaler: Scaler): Finding | Rejection | undefined {
  const { object, target } = scaler
  const bad = scalerCondition(scaler, 'ScalingActive', 'False') ?? scalerCondition(scaler, 'AbleToScale', 'False')
  if (!bad) return undefined
  if (bad.reason === 'ScalingDisabled')
    return reject(object.ref, 'Its target has no replicas, so it does nothing on purpose.')
  if (incident.now - (bad.since ?? 0) < PATIENCE)
    return reject(object.ref, 'It has had no metrics for less than two minutes.')
  const said = incident.saidAbout(object.ref)
  if (said.some(({ id }) => id === 'hpa-no-metrics-returned') && hasNoReadyPod(incident, scaler))
    return reject(object.ref, 'No pod of its target is ready, so there are no metrics of them.')
  const own = said.find(({ id }) => OWN_FAULT.has(id))
  return {
    kind: 'cause',
    subject: object.ref,
    strength: own ? 'proof' : 'strong',
    from: bad.since,
    says: `The autoscaler ${object.ref.name} cannot scale ${target.kind} ${target.name} (${bad.reason}): ${shorten(bad.message, 240)}`,
    cites: atLeastOne([cite(object, [...bad.path, 'message']), ...(own ? [own.citation] : [])]),
    affects: [target],
  }
}
