import { atLeastOne, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { isTrueAt, numberAt, textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellNames } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { type Generations, generationsOf, sickOfOlder } from './generations.ts'
import { isKeptByPartition } from './kept-by-partition.ts'

/** A Deployment that has not got on for longer than it may, or a StatefulSet or DaemonSet that waits for its first new pods. */
export const rolloutStuck: Rule<'rollout-stuck'> = {
  id: 'rollout-stuck',
  title: 'A rollout does not get on',
  domain: 'rollout',
  needs: ['deployments.apps'],
  helps: ['statefulsets.apps', 'daemonsets.apps', 'controllerrevisions.apps'],
  explains: ['rollout-stalled'],
  explain: {
    mechanism:
      'A rollout waits until its new pods are available. They are not, for whatever reason, and after progressDeadlineSeconds the Deployment says so. Nothing is undone by itself: old and new pods stay side by side.',
    proof: [
      'Condition Progressing is False with ProgressDeadlineExceeded, or ReplicaFailure is True.',
      'A StatefulSet or DaemonSet has no such condition: a pod of its new revision is not well for more than ten minutes, and older ones wait.',
    ],
    lookAlikes: [
      'statefulset-waits-for-old-pod: the broken pod is of a template that was mended or taken back.',
      'A rollout that was paused on purpose.',
      'A slow rollout within its deadline.',
    ],
    mitigate: [
      {
        says: 'Mend why the new pods fail, or go back.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
      { says: 'Of a StatefulSet also delete the broken pod after going back.', changes: true },
    ],
    fix: ['Alert on ProgressDeadlineExceeded, and let the pipeline wait for kubectl rollout status.'],
    links: ['https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment'],
  },
  *evaluate(incident) {
    for (const workload of incident.workloads) {
      if (HAS_REVISIONS.includes(workload.ref.kind)) yield* judgeRevisions(incident, workload)
      const bad = findStall(workload)
      if (!bad || !workload.object) continue
      if (isTrueAt(workload.object.json, 'spec', 'paused')) yield reject(workload.ref, 'It was paused on purpose.')
      else yield describe(incident, workload, workload.object, bad)
    }
  },
}

/** Kinds that wait for each new pod and have no condition that says so. */
const HAS_REVISIONS: readonly string[] = ['StatefulSet', 'DaemonSet']

/** As long as a Deployment is given unless it says otherwise (progressDeadlineSeconds); other kinds have no deadline, and wait for ever. */
const DEADLINE = 10 * 60 * 1000

function* judgeRevisions(incident: Incident, workload: Workload): Iterable<Finding> {
  if (strategyOf(workload.object) === 'OnDelete')
    return yield* describeManual(workload, sickOfOlder(incident, workload))
  const generations = generationsOf(incident, workload)
  if (generations) yield* judgeRevision(incident, generations)
}

/** A StatefulSet or DaemonSet that does not go on to its next pod, since one of its new revision is not well. */
function* judgeRevision(incident: Incident, { workload, sick, older: before }: Generations): Iterable<Finding> {
  const { ref, object } = workload
  const older = before.filter((pod) => !isKeptByPartition(workload, pod))
  const late = sick.filter(({ created }) => created !== undefined && incident.now - created > DEADLINE)
  if (!object || older.length === 0 || late.length === 0) return
  const first = late[0] as Pod
  yield {
    kind: 'mechanism',
    subject: ref,
    strength: 'strong',
    from: earliest(late.map(({ created }) => created)),
    says: `The rollout of ${ref.name} stands still: ${tellNames(late.map((pod) => pod.ref.name))} of the new revision ${late.length === 1 ? 'is' : 'are'} not well, and ${count(older.length, 'pod')} of older ones ${older.length === 1 ? 'waits' : 'wait'} to be replaced.`,
    cites: [cite(first, ['metadata', 'name'])],
    affects: sufferersOf(incident, late),
  }
}

function strategyOf(object: Workload['object']): string {
  return textAt(object?.json, 'spec', 'updateStrategy', 'type')
}

/** With OnDelete nobody replaces a pod: one that is not well goes on with the template that was mended. */
function* describeManual({ ref, object }: Workload, left: readonly Pod[]): Iterable<Finding> {
  const [first] = left
  if (!object || !first) return
  const [keeps, it] = left.length === 1 ? ['keeps', 'it'] : ['keep', 'them']
  yield {
    kind: 'mechanism',
    subject: ref,
    strength: 'strong',
    from: first.created,
    says: `${ref.name} has a newer template, and ${tellNames(left.map((pod) => pod.ref.name))}, not well, ${keeps} the old one until somebody deletes ${it} (OnDelete).`,
    cites: [cite(object, ['spec', 'updateStrategy', 'type']), cite(first, ['metadata', 'name'])],
    affects: left.map((pod) => pod.ref),
  }
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
