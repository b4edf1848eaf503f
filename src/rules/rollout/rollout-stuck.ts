import { atLeastOne, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { isTrueAt, numberAt } from '../../incident/kubernetes.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { shorten } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** A Deployment that has not got on for longer than it may. */
export const rolloutStuck: Rule<'rollout-stuck'> = {
  id: 'rollout-stuck',
  title: 'A rollout does not get on',
  domain: 'rollout',
  needs: ['deployments.apps'],
  explains: ['rollout-stalled'],
  explain: {
    mechanism:
      'A rollout waits until its new pods are available. They are not, for whatever reason, and after progressDeadlineSeconds the Deployment says so. Nothing is undone by itself: old and new pods stay side by side.',
    proof: ['Condition Progressing is False with ProgressDeadlineExceeded, or ReplicaFailure is True.'],
    lookAlikes: ['A rollout that was paused on purpose.', 'A slow rollout within its deadline.'],
    mitigate: [
      {
        says: 'Mend why the new pods fail, or go back.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Alert on ProgressDeadlineExceeded, and let the pipeline wait for kubectl rollout status.'],
    links: ['https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment'],
  },
  *evaluate(incident) {
    for (const workload of incident.workloads) {
      const bad = findStall(workload)
      if (!bad || !workload.object) continue
      if (isTrueAt(workload.object.json, 'spec', 'paused')) yield reject(workload.ref, 'It was paused on purpose.')
      else yield describe(incident, workload, workload.object, bad)
    }
  },
}

function findStall({ conditions }: Workload) {
  const progressing = conditionOf(conditions, 'Progressing')
  const failure = conditionOf(conditions, 'ReplicaFailure')
  return progressing?.status === 'False' ? progressing : failure?.status === 'True' ? failure : undefined
}

function describe(
  incident: Incident,
  workload: Workload,
  object: NonNullable<Workload['object']>,
  bad: NonNullable<ReturnType<typeof findStall>>,
): Finding {
  const { ref, pods } = workload
  const updated = numberAt(object.json, 'status', 'updatedReplicas') ?? 0
  const ready = workload.readyReplicas ?? 0
  return {
    kind: 'mechanism',
    subject: ref,
    strength: 'proof',
    from: bad.since,
    says: `The rollout of ${ref.name} stands still at ${updated} updated and ${ready} ready of ${workload.desired ?? 'some'} pods: ${shorten(bad.message || bad.reason)}`,
    cites: atLeastOne([cite(object, [...bad.path, bad.message === '' ? 'reason' : 'message'])]),
    affects: sufferersOf(
      incident,
      pods.filter((pod) => isSuffering(incident, pod)),
    ),
  }
}
