import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, tellSpan } from '../../incident/telling.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { findKeeper } from './finalizer-keeper.ts'
import { isOfKubernetes } from './own-finalizers.ts'

/** Pods that only a finalizer keeps, whose controller does not take it away. */
export const podFinalizerOrphaned: Rule<'pod-finalizer-orphaned'> = {
  id: 'pod-finalizer-orphaned',
  title: 'A finalizer keeps pods whose operator is gone',
  domain: 'termination',
  seeds: ['HN 5', 'KIA 11.1.4'],
  needs: ['pods'],
  helps: ['customresourcedefinitions.apiextensions.k8s.io', 'deployments.apps', 'cni-introspection'],
  explains: ['stuck-terminating', 'rollout-stalled', 'unscheduled', 'no-endpoints'],
  explain: {
    mechanism:
      'A pod was deleted, its containers have ended, and the API server keeps the object until whoever put a finalizer on it takes it off again. That controller was removed before its objects, cannot do its work, or may not write to pods any more. A StatefulSet makes no new pod of that name, a namespace does not go, a drain waits.',
    proof: [
      'metadata.deletionTimestamp is over, metadata.finalizers is not empty, and all containers are terminated.',
      'No Deployment, StatefulSet or DaemonSet and no CustomResourceDefinition carries the domain of the finalizer any more.',
    ],
    lookAlikes: [
      'pod-terminating-node-gone: the node of the pod is gone, and nobody can say that its containers ended.',
      'pod-terminating-runtime-stuck: containers still run on a node that is well.',
      'batch.kubernetes.io/job-tracking: the job controller takes it off, only late.',
    ],
    mitigate: [
      {
        says: 'Install the operator again and let it finish: it may have to clean up outside the cluster.',
        changes: true,
      },
      {
        says: 'If it will never come back, take off this one finalizer of one pod, after its clean-up was done by hand; the test keeps others untouched.',
        command:
          'kubectl patch pod {pod} -n {namespace} --type=json -p \'[{"op":"test","path":"/metadata/finalizers/0","value":"THE/FINALIZER"},{"op":"remove","path":"/metadata/finalizers/0"}]\'',
        changes: true,
      },
    ],
    fix: ['Delete the custom resources of an operator before the operator itself.'],
    links: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/'],
  },
  *evaluate(incident) {
    const kept = incident.pods.filter((pod) => isOverdue(incident, pod) && pod.finalizers.length > 0)
    for (const [, pods] of Map.groupBy(kept, ({ workload, finalizers }) => `${keyOf(workload)} ${finalizers[0]}`))
      yield judge(incident, pods)
  },
}

/** The deletion timestamp holds the grace period already; a controller that is there answers within seconds of it (judgement). */
const PATIENCE = 15 * 1000

/** A controller that runs may need so long for what it has to clean up (judgement). */
const AT_WORK = 10 * 60 * 1000

function isOverdue({ now }: Incident, { deleted }: Pod): boolean {
  return deleted !== undefined && now - deleted > PATIENCE
}

/** Whether containers may still run. Of a node that is gone, the garbage collector of pods declares them ended, and only a finalizer is left. */
function isRunning({ containers, phase, conditions }: Pod): boolean {
  if (phase === 'Failed' && conditions.some(({ reason }) => reason === 'DeletionByPodGC')) return false
  return containers.some(({ state }) => state.kind === 'running')
}

function judge(incident: Incident, pods: readonly Pod[]): Finding | Rejection {
  const [first] = pods as [Pod, ...Pod[]]
  const finalizer = first.finalizers.find((one) => !isOfKubernetes(one))
  if (finalizer === undefined)
    return reject(first.workload, `Kubernetes itself keeps it with ${first.finalizers.join(', ')}, and is late.`)
  const running = pods.filter(isRunning)
  if (running.length === pods.length && !incident.nodeOf(first.node))
    return reject(first.workload, 'Its node is gone: nobody can say that the containers ended.')
  const keeper = findKeeper(incident, finalizer, first.workload)
  const since = earliest(pods.map(({ deleted }) => deleted)) ?? incident.now
  if (keeper.state === 'well' && incident.now - since < AT_WORK)
    return reject(first.workload, `The controller of ${finalizer} runs and may still be at work.`)
  return {
    kind: 'cause',
    subject: first.workload,
    strength: keeper.state === 'gone' ? 'proof' : keeper.state === 'ill' ? 'strong' : 'weak',
    from: since,
    says: `${count(pods.length, 'pod')} of ${first.workload.name} should have been gone for ${tellSpan(incident.now - since)}; the finalizer ${finalizer} keeps ${pods.length === 1 ? 'it' : 'them'}${keeper.says}. ${running.length === 0 ? 'All containers have ended.' : `${count(running.length, 'pod')} still ${running.length === 1 ? 'has' : 'have'} running containers.`}`,
    cites: atLeastOne(
      pods
        .slice(0, 3)
        .flatMap((pod) => [
          cite(pod, ['metadata', 'finalizers', pod.finalizers.indexOf(finalizer)]),
          cite(pod, ['metadata', 'deletionTimestamp']),
        ]),
    ),
    affects: uniqueRefs(pods.map(({ ref }) => ref)),
    ...(keeper.state === 'unknown'
      ? { missing: ['Deployments and CustomResourceDefinitions would say whether the operator is still there.'] }
      : {}),
  }
}
