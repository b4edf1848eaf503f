import { atLeastOne, cite } from '../../incident/citation.ts'
import { type ControlComponent, controlComponent, leadingPod } from '../../incident/control-component.ts'
import type { Incident } from '../../incident/incident.ts'
import { findLacking, isRefusalTold } from '../../incident/lacking-pods.ts'
import { CLUSTER, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import { count, earliest, tellNames, tellSpan } from '../../incident/telling.ts'
import { findUndone, type Undone } from '../../incident/undone.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Controllers that have not seen for minutes what was asked of them. */
export const controllerManagerLag: Rule<'controller-manager-lag'> = {
  id: 'controller-manager-lag',
  title: 'Controllers are minutes behind, or do not run',
  domain: 'control-plane',
  needs: ['deployments.apps'],
  helps: [
    'statefulsets.apps',
    'daemonsets.apps',
    'replicasets.apps',
    'jobs.batch',
    'namespaces',
    'pods',
    'leases.coordination.k8s.io',
    'apiserver-metrics',
  ],
  explains: [
    'rollout-stalled',
    'not-scaling',
    'not-created',
    'no-endpoints',
    'job-failing',
    'stuck-terminating',
    'node-unhealthy',
    'slow',
  ],
  explain: {
    mechanism:
      'A change of a Deployment is written at once, and done by its controller when it comes to it: then it notes the generation that it has seen. When the controller manager does not run, lost its lease, or has more to do than it may ask of the API server, that note stays behind: rollouts and scalings are accepted, and nothing happens. So it is with Jobs that get no pod, new Services without EndpointSlices, deleted namespaces, and nodes that went silent and are called Ready.',
    proof: [
      'status.observedGeneration is lower than metadata.generation, and the last write of the spec is minutes old.',
      'The Lease kube-controller-manager in kube-system was not renewed any more, or its pods fail, and since then work was left undone.',
    ],
    lookAlikes: [
      'quota-or-limitrange-exceeded, webhook-down-fail-closed: the controller has seen it, and its pods are refused.',
      'A Job that is suspended, or that another controller runs (spec.managedBy).',
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
    const manager = controlComponent(incident, 'kube-controller-manager')
    const undone = findUndone(incident)
    if (manager.state === 'works' || manager.state === 'hidden') {
      const late = undone.filter(({ what, object }) => what === 'spec' && object.ref.kind !== 'ReplicaSet')
      if (late.length > 0) yield describeLate(incident, manager, late)
      return
    }
    const lacking = findLacking(incident).filter((one) => !isRefusalTold(incident, one))
    if (undone.length + lacking.length > 0) yield describeDown(incident, manager, undone, lacking)
    else
      yield reject(
        subjectOf(manager),
        `Of the controller manager ${manager.says}, but no work is seen that it left undone.`,
      )
  },
}

function subjectOf(manager: ControlComponent): Ref {
  return leadingPod(manager)?.workload ?? manager.lease?.ref ?? CLUSTER
}

/** It works, or nothing is seen of it: it has too much to do. */
function describeLate(incident: Incident, manager: ControlComponent, late: readonly Undone[]): Finding {
  const refs = late.map(({ object }) => object.ref)
  const since = Math.min(...late.map(({ at }) => at))
  return {
    kind: 'cause',
    subject: leadingPod(manager)?.workload ?? CLUSTER,
    strength: 'strong',
    from: since,
    says: `Controllers have not seen what was asked of ${count(refs.length, 'workload')} (${tellNames(refs.map(({ name }) => name))}) for ${tellSpan(incident.start - since)}.`,
    cites: atLeastOne(late.slice(0, 2).flatMap(({ cites }) => cites)),
    affects: uniqueRefs([
      ...refs.flatMap((ref) => sufferersOfWorkload(incident, ref)),
      ...manager.pods.map(({ ref }) => ref),
    ]),
  }
}

/** Pods of it that fail have a reason of their own, which another rule tells. */
function describeDown(
  incident: Incident,
  manager: ControlComponent,
  undone: readonly Undone[],
  lacking: ReturnType<typeof findLacking>,
): Finding {
  const { state, says, renewed, cites, pods } = manager
  const since = renewed === undefined ? undone : undone.filter(({ at }) => at >= renewed - incident.clocks.tolerance)
  return {
    kind: state === 'ill' ? 'mechanism' : 'cause',
    subject: subjectOf(manager),
    strength: since.length > 0 ? 'proof' : 'strong',
    from: renewed ?? earliest(undone.map(({ at }) => at)),
    says: `Nobody runs the controllers of the cluster (${says}), and left undone is: ${tellUndone(undone, lacking)}.`,
    cites: atLeastOne([
      ...cites,
      ...undone.slice(0, 3).flatMap((one) => one.cites.slice(0, 2)),
      ...lacking.slice(0, 1).map(({ object }) => cite(object, ['status'])),
    ]),
    affects: uniqueRefs([
      ...undone.flatMap((one) => sufferersOfUndone(incident, one)),
      ...lacking.flatMap(({ workload }) => sufferersOfWorkload(incident, workload)),
      ...pods.map(({ ref }) => ref),
    ]),
  }
}

const WORDS: Readonly<Record<Undone['what'], string>> = {
  spec: 'what was asked of',
  job: 'the pods of',
  deletion: 'the deletion of',
  endpoints: 'the endpoints of',
  node: 'the silence of',
}

function tellUndone(undone: readonly Undone[], lacking: ReturnType<typeof findLacking>): string {
  const groups = [...Map.groupBy(undone, ({ what }) => what)].map(([what, members]) => {
    return `${WORDS[what]} ${tellNames(members.map(({ object: { ref } }) => `${ref.kind} ${ref.name}`))}`
  })
  const missing = lacking.map(({ workload }) => `${workload.kind} ${workload.name}`)
  return [...groups, ...(missing.length > 0 ? [`pods that ${tellNames(missing)} should have`] : [])].join('; ')
}

/** Whose pods are lost with a node that nobody calls lost. */
function sufferersOfUndone(incident: Incident, { object: { ref }, what }: Undone): readonly Ref[] {
  if (what === 'node') return [ref]
  const top = incident.topOf(ref)
  return uniqueRefs([ref, ...sufferersOfWorkload(incident, top)])
}
