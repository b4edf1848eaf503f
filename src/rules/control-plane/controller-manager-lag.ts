import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { numberAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { CLUSTER, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import { count, earliest, tellNames, tellSpan } from '../../incident/telling.ts'
import { touches } from '../../incident/writes.ts'
import type { Finding, Rule } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** Controllers that have not seen for minutes what was asked of them. */
export const controllerManagerLag: Rule<'controller-manager-lag'> = {
  id: 'controller-manager-lag',
  title: 'Controllers are minutes behind',
  domain: 'control-plane',
  needs: ['deployments.apps'],
  helps: ['statefulsets.apps', 'daemonsets.apps', 'pods', 'apiserver-metrics'],
  explains: ['rollout-stalled', 'not-scaling', 'not-created', 'no-endpoints', 'slow'],
  explain: {
    mechanism:
      'A change of a Deployment is written at once, and done by its controller when it comes to it: then it notes the generation that it has seen. When the controller manager does not run, lost its lease, or has more to do than it may ask of the API server, that note stays behind: rollouts and scalings are accepted, and nothing happens.',
    proof: [
      'status.observedGeneration is lower than metadata.generation, and the last write of the spec is minutes old.',
    ],
    lookAlikes: [
      'quota-or-limitrange-exceeded, webhook-down-fail-closed: the controller has seen it, and its pods are refused.',
      'rollout-stuck: the new pods are there, and do not get ready.',
    ],
    mitigate: [
      { says: 'See whether the controllers run.', command: 'kubectl get pods,leases -n kube-system', changes: false },
      { says: 'Stop what changes objects in masses; on a managed control plane ask the provider.', changes: true },
    ],
    fix: ['Keep mass changes slow, and look at workqueue_depth of the controller manager.'],
    links: ['https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/'],
  },
  *evaluate(incident) {
    const late = KINDS.flatMap(incident.objects).flatMap((object) => lateBy(incident, object) ?? [])
    if (late.length > 0) yield describe(incident, late)
  },
}

const KINDS = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps']

interface Late {
  readonly object: KubeObject
  /** When it was asked for. */
  readonly at: number
}

/** A controller that is well sees a change within seconds. */
const PATIENCE = 2 * 60 * 1000

/** Without the time of the write nothing tells whether it is a matter of seconds. */
function lateBy({ start }: Incident, object: KubeObject): Late | undefined {
  const generation = numberAt(object.json, 'metadata', 'generation') ?? 0
  const observed = numberAt(object.json, 'status', 'observedGeneration') ?? 0
  const at = object.writes.findLast((write) => touches(write, 'spec'))?.at
  return observed < generation && at !== undefined && start - at > PATIENCE ? { object, at } : undefined
}

/** Pods of the controller manager that fail have a reason of their own. */
function describe(incident: Incident, late: readonly Late[]): Finding {
  const managers = incident.pods.filter(
    ({ ref }) => ref.namespace === 'kube-system' && ref.name.startsWith('kube-controller-manager'),
  )
  const isIll = managers.some((pod) => isSuffering(incident, pod))
  const refs = late.map(({ object }) => object.ref)
  const [manager] = managers
  const subject: Ref = manager?.workload ?? CLUSTER
  const since = Math.min(...late.map(({ at }) => at))
  return {
    kind: isIll ? 'mechanism' : 'cause',
    subject,
    strength: 'strong',
    from: earliest([since]),
    says: `Controllers have not seen what was asked of ${count(refs.length, 'workload')} (${tellNames(refs.map(({ name }) => name))}) for ${tellSpan(incident.start - since)}.`,
    cites: atLeastOne(
      late
        .slice(0, 2)
        .flatMap(({ object }) => [
          cite(object, ['metadata', 'generation']),
          cite(object, ['status', 'observedGeneration']),
        ]),
    ),
    affects: uniqueRefs([
      ...refs.flatMap((ref) => sufferersOfWorkload(incident, ref)),
      ...managers.map(({ ref }) => ref),
    ]),
  }
}
