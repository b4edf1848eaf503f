import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeObject } from '../../incident/object.ts'
import { tellSpan } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { reject } from '../rule.ts'
import { findKeeper } from './finalizer-keeper.ts'
import { isOfKubernetes } from './own-finalizers.ts'

/** Services, Ingresses, claims and custom resources that a finalizer keeps. */
export const crFinalizerLbOrVolumeLeak: Rule<'cr-finalizer-lb-or-volume-leak'> = {
  id: 'cr-finalizer-lb-or-volume-leak',
  title: 'A finalizer keeps a resource whose controller does not clean up',
  domain: 'termination',
  needs: [],
  helps: ['deployments.apps', 'events'],
  explains: ['stuck-terminating'],
  explain: {
    mechanism:
      'A Service, an Ingress or a custom resource was deleted, and its controller has to remove a load balancer, a volume or the like first. The controller is gone, broken or lacks permissions. The object stays, and what it stands for outside the cluster goes on and costs.',
    proof: [
      'metadata.deletionTimestamp more than five minutes ago and a finalizer such as service.k8s.aws/resources; the controller has no ready pod, or logs that it is denied.',
    ],
    lookAlikes: [
      'pv-protection-stuck: a claim or volume that is still in use.',
      'namespace-stuck-terminating: what stands around it.',
      'A controller that is still at work.',
    ],
    mitigate: [
      { says: 'Bring the controller back and let it finish.', changes: true },
      { says: 'Otherwise delete what is outside by hand first, then take off the one finalizer.', changes: true },
    ],
    fix: ['Remove controllers after the resources that they look after.'],
  },
  *evaluate(incident) {
    for (const object of incident.resources.filter(isLookedAfter).flatMap((resource) => incident.objects(resource))) {
      const age = incident.now - (object.deleted ?? incident.now)
      const finalizer = object.finalizers.find((one) => !isOfKubernetes(one))
      if (age < PATIENCE || finalizer === undefined) continue
      const keeper = findKeeper(incident, finalizer, object.ref)
      if (keeper.state === 'well' && age < 3 * PATIENCE)
        yield reject(object.ref, `Its controller${keeper.says.replace(/^;/, ':')} and may still be at work.`)
      else yield describe(incident, object, finalizer, age)
    }
  },
}

const PATIENCE = 5 * 60 * 1000

/** Resources that have rules of their own. */
const OF_OTHERS: readonly string[] = [
  'pods',
  'namespaces',
  'nodes',
  'persistentvolumes',
  'persistentvolumeclaims',
  'volumeattachments',
  'events',
  'customresourcedefinitions',
]

function isLookedAfter(resource: string): boolean {
  return !OF_OTHERS.includes(resource.split('.')[0] ?? '')
}

function describe(incident: Incident, object: KubeObject, finalizer: string, age: number): Finding {
  const keeper = findKeeper(incident, finalizer, object.ref)
  return {
    kind: 'cause',
    subject: object.ref,
    strength: keeper.state === 'gone' || keeper.state === 'ill' ? 'strong' : 'weak',
    from: object.deleted,
    says: `${object.ref.kind} ${object.ref.name} should have been gone for ${tellSpan(age)}; the finalizer ${finalizer} keeps it${keeper.says}.`,
    cites: [
      cite(object, ['metadata', 'finalizers', object.finalizers.indexOf(finalizer)]),
      cite(object, ['metadata', 'deletionTimestamp']),
    ],
    ...(keeper.workload ? { affects: [keeper.workload.ref] } : {}),
  }
}
