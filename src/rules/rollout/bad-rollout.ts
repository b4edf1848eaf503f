import { type AwaitedJob, awaitedJobOf } from '../../incident/awaited-job.ts'
import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { doesNotAnswer } from '../../incident/failed-call.ts'
import { sampleOf } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames, tellSpan, tellTime } from '../../incident/telling.ts'
import { diffPods, diffRevisions, diffTemplates, type TemplateDifference } from '../../incident/template-diff.ts'
import { clockTime, endOfPod } from '../recency.ts'
import { type Claim, type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { type Generations, generationsOf, isRolledOut, newestSet, revisionOf, setsBefore } from './generations.ts'
import { failingInjected } from './injected.ts'
import { servedFor } from './served.ts'

/** A new version whose pods fail while those of the old one are well. */
export const badRollout: Rule<'bad-rollout'> = {
  id: 'bad-rollout',
  title: 'A new version fails, the old one is well',
  domain: 'rollout',
  seeds: ['KIA 11.10.2'],
  needs: ['pods'],
  helps: ['replicasets.apps', 'deployments.apps', 'controllerrevisions.apps'],
  explains: [
    'crashing',
    'not-starting',
    'not-ready',
    'unscheduled',
    'rollout-stalled',
    'no-endpoints',
    'errors',
    'not-created',
    'evicted',
    'slow',
  ],
  explain: {
    mechanism:
      'A change of the pod template made a new generation of pods. These fail, and the pods of the generation before are well: what differs between the two templates is what broke it. A rolling update keeps some of the old pods; with one replica, or when it went on too far, nothing serves.',
    proof: [
      'Pods of the newest ReplicaSet or controller revision fail, pods of older ones are Ready at the same time, and the failure begins after the new generation was made.',
    ],
    lookAlikes: [
      'Old and new pods fail alike: look at what both need, a dependency, a node, a ConfigMap.',
      'config-change-broke-app: the template is the same, what it reads was changed.',
      'Only a container fails that a webhook added, a proxy of a mesh: every new pod would show it.',
      'A rollout that is just under way.',
    ],
    mitigate: [
      {
        says: 'Go back to the version before. Where GitOps owns it, go back in Git, or it is applied again.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Let a readiness probe and maxUnavailable keep a bad version from replacing a good one, and roll out to a part first.',
    ],
    links: ['https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment'],
  },
  *evaluate(incident) {
    for (const workload of incident.workloads.filter(isRolledOut)) {
      const generations = generationsOf(incident, workload)
      if (generations && generations.sick.length > 0) yield judge(incident, generations)
    }
  },
}

/** A failure that began this long after a generation was made, or later, is not of it (judgement; failures.md §3, edge 1: 15 minutes). */
const LONGEST_LAG = 30 * 60 * 1000

/** A change longer ago than this is not what broke what is captured now, unless pods of the version before run beside it to this day. */
const LONGEST_AGO = 24 * 60 * 60 * 1000

function judge(incident: Incident, generations: Generations): Finding | Rejection {
  const { workload, newest, sick, older, olderSick, olderWell, since } = generations
  const onset = earliest(sick.map((pod) => troubleOf(pod)))
  if (since < incident.start - LONGEST_AGO && olderWell.length === 0)
    return reject(workload.ref, `Its last rollout was at ${tellTime(since)}, long before.`)
  if (olderSick.length > 0 && olderWell.length === 0)
    return reject(workload.ref, 'Pods of the version before fail too.')
  if (older.length === 0 && !knowsTemplates(generations) && !hasRevisions(generations))
    return reject(workload.ref, 'There is no version before.')
  if (older.length === 0 && sick.length < newest.length)
    return reject(workload.ref, 'Other pods of the same version are well.')
  if (older.length > 0 && sick.length < newest.length / 2)
    return reject(workload.ref, 'Most pods of the new version are well.')
  const awaited = sick.map((pod) => awaitedJobOf(incident, pod))
  if (awaited[0] && awaited.every((one) => one?.isNamed))
    return reject(workload.ref, `Its new pods wait for the Job ${awaited[0].job.ref.name}, which failed.`)
  const wellFor = Math.min(...sick.map(servedFor))
  if (olderWell.length === 0 && wellFor > WELL_LONG_ENOUGH)
    return reject(workload.ref, `Its new pods were well for ${tellSpan(wellFor)} before they failed.`)
  if (onset !== undefined && onset > since + LONGEST_LAG && olderWell.length === 0)
    return reject(workload.ref, `It was well for ${Math.round((onset - since) / 60_000)} minutes after the rollout.`)
  const differences = differencesOf(incident, generations)
  if (knowsTemplates(generations) && differences.length === 0)
    return reject(workload.ref, 'Its template is the same as before: its pods were only started again.')
  if (knowsTemplates(generations) && onlyLacksRoom(generations, differences))
    return reject(workload.ref, 'Its new pods only lack a node, and ask for no more than those of the version before.')
  const injected = failingInjected(generations, differences)
  if (injected)
    return reject(workload.ref, `Only ${injected} fails, which its template does not hold: it was added to its pods.`)
  return describe(incident, generations, differences)
}

/** A pod that served this long with a template can serve with it. */
const WELL_LONG_ENOUGH = 3 * 60 * 1000

function hasRevisions({ workload: { object } }: Generations): boolean {
  const status = (object?.json as { status?: { currentRevision?: string; updateRevision?: string } } | undefined)
    ?.status
  return status?.updateRevision !== undefined && status.updateRevision !== status.currentRevision
}

/** When a pod got into trouble: when it first ended, or when it was made, if it never came up. */
function troubleOf(pod: Generations['sick'][number]): number | undefined {
  return (
    earliest(pod.containers.map(({ last, restarts }) => (restarts <= 1 ? last?.finished : undefined))) ??
    (pod.phase === 'Failed' ? endOfPod(pod) : pod.created)
  )
}

function describe(incident: Incident, generations: Generations, differences: readonly TemplateDifference[]): Finding {
  const { workload, newest, sick, olderWell, since } = generations
  const calls =
    olderWell.length > 0
      ? []
      : incident.dependencies.filter((one) => keyOf(one.from) === keyOf(workload.ref) && doesNotAnswer(one))
  const against = [...tellCalls(calls), ...tellAwaited(sick.flatMap((pod) => awaitedJobOf(incident, pod) ?? []))]
  const told = differences.slice(0, 3).map(({ says }) => says)
  const newer = newestSet(workload) ?? revisionsOf(generations)[1]
  const well =
    olderWell.length > 0
      ? `, while ${count(olderWell.length, 'pod')} of the version before ${olderWell.length === 1 ? 'is' : 'are'} well`
      : ''
  return {
    kind: 'cause',
    subject: workload.ref,
    // Without ReplicaSets or revisions only containers are compared: where these are alike, little says that the version differs at all.
    strength: against.length > 0 || (olderWell.length > 0 && told.length === 0) ? 'weak' : 'strong',
    from: since,
    says: `${sick.length} of ${count(newest.length, 'new pod')} of ${workload.ref.name} fail since the rollout at ${clockTime(since)}${well}. ${told.length > 0 ? `What it changed: ${told.join('; ')}.` : 'What it changed is not in the bundle.'}`,
    cites: atLeastOne([
      ...differences.slice(0, 3).map(({ citation }): Citation => citation),
      ...(newer ? [cite(newer.object, ['metadata', 'creationTimestamp'])] : []),
      ...sick.slice(0, 2).map((pod) => cite(pod, ['metadata', 'name'])),
    ]),
    affects: sufferersOf(incident, sick),
    ...(against.length > 0 ? { against } : {}),
    ...(olderWell.length === 0
      ? {
          missing: [
            `Pods of the version before would say whether it is the version: ${tellNames(sick.map(({ ref }) => ref.name))} have nothing to be compared with.`,
          ],
        }
      : {}),
  }
}

function tellCalls([call]: readonly Dependency[]): readonly Claim[] {
  if (!call) return []
  const says = `Its calls to ${call.to.name} fail too, and no pod of the version before shows that they would not.`
  return [{ says, cites: call.cites }]
}

function tellAwaited([awaited]: readonly AwaitedJob[]): readonly Claim[] {
  if (!awaited) return []
  const { job } = awaited
  return [
    {
      says: `Its new pods may wait for the Job ${job.ref.name}, which failed.`,
      cites: [cite(job, ['status', 'failed'])],
    },
  ]
}

/** What is new in the template: against the generation whose pods are well, where there is one. */
function differencesOf(incident: Incident, generations: Generations): readonly TemplateDifference[] {
  const { workload, newest, older, olderWell } = generations
  const young = newest[0] && sampleOf(incident, newest[0])
  const before = olderWell[0] ?? older[0]
  if (workload.replicaSets.length === 0) {
    const [earlier, newer] = revisionsOf(generations)
    if (earlier && newer) return diffRevisions(earlier.object, newer.object)
    return young && before ? diffPods(sampleOf(incident, before), young) : []
  }
  const named = (name: string | undefined) => workload.replicaSets.find(({ object }) => object.ref.name === name)
  const newer = named(young?.ownerRef?.name)
  const earlier = named(before?.ownerRef?.name) ?? (newer && setsBefore(workload, newer).at(-1))
  return newer && earlier ? diffTemplates(earlier.object, newer.object) : []
}

/** The revisions of the pods before and of the new ones; of a workload that has only new ones the one before. */
function revisionsOf({ workload, newest, older, olderWell }: Generations) {
  const { revisions } = workload
  const newer = revisionOf(workload, newest[0]?.templateHash ?? '')
  const before = olderWell[0] ?? older[0]
  const earlier = before ? revisionOf(workload, before.templateHash) : newer && revisions[revisions.indexOf(newer) - 1]
  return [earlier, newer] as const
}

/** Whether both templates are in the bundle, so that no difference means that there is none. */
function knowsTemplates(generations: Generations): boolean {
  return generations.workload.replicaSets.length > 1 || revisionsOf(generations).every((one) => one !== undefined)
}

/** What of a template can leave its pods without a node: more requested, another place demanded, a port or a volume. */
const DEMANDS: readonly TemplateDifference['what'][] = ['limits', 'scheduling', 'volume', 'other']

/** Whether the new pods only lack a node, and ask for nothing that the old ones did not. */
function onlyLacksRoom({ sick }: Generations, differences: readonly TemplateDifference[]): boolean {
  return (
    sick.every(({ node, phase }) => node === '' && phase === 'Pending') &&
    !differences.some(({ what }) => DEMANDS.includes(what))
  )
}
