import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import { crashesOf } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import { count, earliest } from '../../incident/telling.ts'
import { unreadyOrMadeSince } from '../../incident/unready-since.ts'
import type { Finding, Rule } from '../rule.ts'

/** Monitoring that is down itself during the incident. */
export const missingMetricsBlind: Rule<'missing-metrics-blind'> = {
  id: 'missing-metrics-blind',
  title: 'What should watch the cluster is down itself',
  domain: 'healing',
  seeds: ['KIA 6.8'],
  needs: ['pods'],
  helps: ['events', 'logs'],
  explains: [],
  explain: {
    mechanism:
      'Prometheus, kube-state-metrics, metrics-server or the agents on nodes run in the cluster that they watch, and fall with it. Dashboards are empty then, alerts are silent, and autoscalers have no numbers: nothing is known of that time, which is not the same as nothing having happened.',
    proof: ['Pods of a monitoring workload crash, wait or are not ready.'],
    lookAlikes: [
      'hpa-metrics-unknown: what autoscalers make of it.',
      'Only a query or a label changed: the pods are well.',
    ],
    mitigate: [
      { says: 'Restore it after what serves users.', command: 'kubectl get pods -n {namespace}', changes: false },
    ],
    fix: [
      'Keep monitoring out of the cluster that it watches, or at least on nodes of its own, with a watchdog outside.',
    ],
    links: ['https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/'],
  },
  *evaluate(incident) {
    const sick = incident.pods.filter((pod) => WATCHERS.test(pod.workload.name) && isSick(incident, pod))
    for (const [, pods] of Map.groupBy(sick, ({ workload }) => keyOf(workload))) yield describe(pods)
  },
}

/** Names that charts and operators give to what collects metrics. */
const WATCHERS =
  /(?:^|-)(?:prometheus(?!-adapter)|kube-state-metrics|metrics-server|node-exporter|victoria-metrics|vmagent|vmsingle|vmstorage|thanos|mimir|cloudwatch-agent|datadog(?:-agent)?|grafana-agent|alloy)(?:-|$)/

/** A pod that starts needs some minutes; what is not ready for longer is down. */
const PATIENCE = 5 * 60 * 1000

function isSick(incident: Incident, pod: Pod): boolean {
  if (crashesOf(incident, pod).length > 0) return true
  return isFailing(pod) && pod.phase !== 'Failed' && incident.now - (unreadyOrMadeSince(pod) ?? incident.now) > PATIENCE
}

function describe(pods: readonly Pod[]): Finding {
  const [{ workload }] = pods as readonly [Pod, ...Pod[]]
  return {
    kind: 'evidence-loss',
    subject: workload,
    strength: 'strong',
    from: earliest(pods.map(unreadyOrMadeSince)),
    says: `${count(pods.length, 'pod')} of ${workload.name} are down, so that metrics of this time may be missing.`,
    cites: atLeastOne(pods.slice(0, 3).map(citeState)),
    affects: pods.map(({ ref }) => ref),
  }
}

function citeState(pod: Pod): Citation {
  const ready = pod.conditions.find(({ type }) => type === 'Ready')
  return ready ? cite(pod, [...ready.path, 'status']) : citeName(pod)
}
