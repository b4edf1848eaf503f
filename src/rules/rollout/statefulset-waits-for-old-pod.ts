import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { earliest, tellNames } from '../../incident/telling.ts'
import { unreadySince } from '../../incident/unready-since.ts'
import type { Workload } from '../../incident/workload.ts'
import type { Finding, Rule } from '../rule.ts'
import { sickOfOlder } from './generations.ts'
import { isKeptByPartition } from './kept-by-partition.ts'

/** A StatefulSet whose template is mended, and that waits for a pod of the broken one. */
export const statefulsetWaitsForOldPod: Rule<'statefulset-waits-for-old-pod'> = {
  id: 'statefulset-waits-for-old-pod',
  title: 'A StatefulSet waits for a broken pod of a template that it no longer has',
  domain: 'rollout',
  needs: ['pods', 'statefulsets.apps'],
  helps: ['controllerrevisions.apps'],
  explains: ['not-starting', 'crashing', 'not-ready', 'no-endpoints', 'rollout-stalled', 'unscheduled'],
  explain: {
    mechanism:
      'With the pod management policy OrderedReady a StatefulSet does nothing until every pod that it has made runs and is ready. A pod of a broken template never does, so that the controller waits for it also after the template was mended or taken back: it does not replace it.',
    proof: [
      'The label controller-revision-hash of the pod that is not well is not the updateRevision of the StatefulSet.',
      'No pod of that revision was ever ready.',
    ],
    lookAlikes: [
      'rollout-stuck: the broken pod has the newest template; mending that is the first step.',
      'A pod of the version before that served, and fails now for another reason while the rollout reaches it.',
      'podManagementPolicy Parallel: the pod is replaced.',
      'updateStrategy.rollingUpdate.partition: a pod below it keeps the template from before on purpose.',
    ],
    mitigate: [
      {
        says: 'Delete the broken pod: it is made anew with the template of now.',
        command: 'kubectl delete pod {pod} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Delete the pod after each rollback of a StatefulSet whose new pod did not become ready.'],
    links: ['https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback'],
  },
  *evaluate(incident) {
    for (const workload of incident.workloads) {
      const object = workload.ref.kind === 'StatefulSet' ? workload.object : undefined
      const forgotten = object && isOrdered(workload) ? forgottenOf(incident, workload) : []
      const [first] = forgotten
      if (object && first) yield describe(incident, workload, [first, ...forgotten.slice(1)])
    }
  },
}

function isOrdered({ object }: Workload): boolean {
  const isManual = textAt(object?.json, 'spec', 'updateStrategy', 'type') === 'OnDelete'
  return !isManual && textAt(object?.json, 'spec', 'podManagementPolicy') !== 'Parallel'
}

/** Pods of a revision that is neither wanted nor has served: one that was taken back, or one that was broken from the start and is mended. */
function forgottenOf(incident: Incident, workload: Workload): readonly Pod[] {
  const [current, update] = ['currentRevision', 'updateRevision'].map((field) =>
    textAt(workload.object?.json, 'status', field),
  )
  if (current === '' || update === '') return []
  return sickOfOlder(incident, workload).filter((pod) => {
    const hash = pod.templateHash
    if (hash === '' || hash === update) return false
    if (hash === current && isKeptByPartition(workload, pod)) return false
    return hash !== current || workload.pods.every((one) => one.templateHash !== hash || wasNeverReady(one))
  })
}

/** The condition is made with the pod: one that is still as old has never turned. */
const AT_ONCE = 60 * 1000

function wasNeverReady(pod: Pod): boolean {
  const since = unreadySince(pod)
  return since !== undefined && since <= (pod.started ?? pod.created ?? 0) + AT_ONCE && !pod.ready
}

function describe(incident: Incident, { ref, object }: Workload, forgotten: readonly [Pod, ...Pod[]]): Finding {
  const [first] = forgotten
  const names = tellNames(forgotten.map((pod) => pod.ref.name))
  return {
    kind: 'cause',
    subject: ref,
    strength: 'strong',
    from: earliest(forgotten.map(({ created }) => created)),
    says: `${ref.name} has another template by now, and waits for ${names} of a revision that it no longer wants, not well: a StatefulSet goes on only when somebody deletes such a pod.`,
    cites: [
      cite(first, ['metadata', 'labels', 'controller-revision-hash']),
      ...(object ? [cite(object, ['status', 'updateRevision'])] : []),
    ],
    affects: sufferersOf(incident, forgotten),
  }
}
