import { kindOfManager } from '../../incident/changes/manager.ts'
import { crashesOf } from '../../incident/crash.ts'
import { callersOf, workloadsBehind } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { isFailing } from '../../incident/pod.ts'
import type { RecentChange } from '../../incident/recent-change.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { earliest, tellSpan, tellTime } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Somebody restarted or scaled a workload while it was sick, or just before. */
export const manualRestartOrScaleDuringIncident: Rule<'manual-restart-or-scale-during-incident'> = {
  id: 'manual-restart-or-scale-during-incident',
  title: 'Somebody restarted or scaled a workload by hand during the incident',
  domain: 'healing',
  seeds: ['KIA 2.10.1'],
  needs: ['deployments.apps'],
  helps: ['replicasets.apps', 'events', 'pods'],
  explains: ['not-ready', 'no-endpoints', 'errors', 'not-scaling'],
  explain: {
    mechanism:
      'kubectl rollout restart and kubectl scale are the first things that people try. A restart throws away the logs and the state of the pods that failed, and makes "recovered" look like "restarted". Scaling down, or to zero, is a cause of its own. What was done after the first symptom can never be its cause.',
    proof: [
      'The template has a new kubectl.kubernetes.io/restartedAt, or a write of spec.replicas through the scale subresource by kubectl, with its time.',
    ],
    lookAlikes: [
      'hpa-thrash, hpa-vs-gitops-replica-fight: a controller scales, not a person.',
      'bad-rollout: the template changed in more than the time of a restart.',
    ],
    mitigate: [
      {
        says: 'Write down who did what and when, and stop further changes until the cause is known.',
        command: 'kubectl rollout history deployment/{name} -n {namespace}',
        changes: false,
      },
    ],
    fix: ['Capture a bundle before the first change; scale by autoscalers and delivery, not by hand.'],
    links: ['https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/'],
  },
  *evaluate(incident) {
    const manual = incident.changes.filter((change) => isManual(change) && incident.now - change.at < WINDOW)
    for (const [, changes] of Map.groupBy(manual, ({ top }) => keyOf(top))) {
      const change = changes.at(-1) as RecentChange
      const onset = onsetOf(incident, change.top)
      if (onset === undefined && !isMissed(incident, change.top))
        yield reject(change.top, 'It was restarted or scaled by hand, and nothing is wrong with it.')
      else yield describe(incident, change, onset, changes.length)
    }
  },
}

/** What was done longer ago belongs to no incident of now. Our judgement. */
const WINDOW = 6 * 60 * 60 * 1000

/** A restart is always asked for by somebody; a scale is by hand if its writer is a person. */
function isManual({ what, by }: RecentChange): boolean {
  if (what === 'restart') return by === '' || kindOfManager(by) === 'person'
  return what === 'scale' && kindOfManager(by) === 'person'
}

/** When something went wrong with a workload first: by its crashes, its unready pods, or warnings about its pods. */
function onsetOf(incident: Incident, top: Ref): number | undefined {
  const pods = incident.workloadOf(top)?.pods ?? []
  const crashes = pods.flatMap((pod) => crashesOf(incident, pod).map(({ since }) => since))
  const unready = pods
    .filter(isFailing)
    .map(({ conditions, created }) => conditions.find(({ type }) => type === 'Ready')?.since ?? created)
  const warnings = incident.events.filter(
    ({ type, about }) => type === 'Warning' && about.kind === 'Pod' && keyOf(incident.topOf(about)) === keyOf(top),
  )
  return earliest([...crashes, ...unready, ...warnings.map(({ first }) => first)])
}

/** Whether callers fail because nothing of it is left. */
function isMissed(incident: Incident, top: Ref): boolean {
  if (incident.workloadOf(top)?.desired !== 0) return false
  return incident.services.some((service) => {
    const isBehind = workloadsBehind(incident, service).some(({ ref }) => keyOf(ref) === keyOf(top))
    return isBehind && callersOf(incident, service.object.ref, true).length > 0
  })
}

function describe(incident: Incident, change: RecentChange, onset: number | undefined, times: number): Finding {
  const isAfter = onset !== undefined && change.at > onset + incident.clocks.tolerance
  const pods = incident.workloadOf(change.top)?.pods ?? []
  const order =
    onset === undefined
      ? ''
      : isAfter
        ? `, ${tellSpan(change.at - onset)} after the first sign of trouble: it cannot be its cause, and the logs of before are lost`
        : `, ${tellSpan(onset - change.at)} before the first sign of trouble`
  return {
    kind: isAfter ? 'evidence-loss' : 'trigger',
    subject: change.top,
    strength: 'strong',
    from: change.at,
    says: `${change.says.replace(/\.$/, '')}, by hand at ${tellTime(change.at)}${times > 1 ? ` (${times} times lately)` : ''}${order}.`,
    cites: change.cites,
    affects: uniqueRefs([change.top, ...sufferersOf(incident, pods)]),
  }
}
