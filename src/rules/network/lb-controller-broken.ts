import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { endOf, isCurrent, onsetOf } from './current.ts'

/** What the controller says while it cannot bring a load balancer to the wanted state; the words with a reason first. */
const FAILED: readonly MessageId[] = [
  'lb-subnet-unresolved',
  'lb-security-group-ambiguous',
  'lb-certificate-missing',
  'lb-backend-missing',
  'lb-backend-not-found',
  'lb-class-conflict',
  'lb-model-failed',
  'lb-deploy-failed',
  'lb-controller-broken',
]

/** Kinds that a load balancer is made for; the controller's events stand at them. */
const KINDS = new Set(['Ingress', 'Service', 'TargetGroupBinding', 'Gateway', 'HTTPRoute'])

/** The controller of load balancers cannot make one, or cannot keep its targets up to date. */
export const lbControllerBroken: Rule<'lb-controller-broken'> = {
  id: 'lb-controller-broken',
  title: 'A load balancer is not brought to the wanted state',
  domain: 'network',
  seeds: ['KIA 2.5'],
  needs: ['events'],
  helps: ['logs', 'ingresses.networking.k8s.io', 'services', 'aws-elb', 'aws-cloudtrail'],
  explains: ['errors', 'no-endpoints', 'warnings', 'unhealthy-condition', 'stuck-terminating'],
  explain: {
    mechanism:
      'A controller turns Ingresses and Services into load balancers of the cloud, and pods into their targets. Without permissions, tagged subnets, certificates or quota it stops there: the old state stays, new pods are never registered and deleted ones still get requests. From within the cluster all is well.',
    proof: [
      'Its events at the object say why: FailedBuildModel, FailedDeployModel, FailedNetworkReconcile, BackendNotFound.',
    ],
    lookAlikes: [
      'alb-nlb-targets-unhealthy: the load balancer is as planned, and its health checks fail.',
      'service-has-no-ready-endpoints: there is no pod to be registered.',
      'webhook-down-fail-closed: the webhook of the controller refuses writes.',
    ],
    mitigate: [
      {
        says: 'Read the events at the object.',
        command: 'kubectl -n {namespace} get events --field-selector involvedObject.name={name}',
        changes: false,
      },
      {
        says: 'Restore what they name: the policy of the role, the tags of subnets, the certificate, the Service.',
        changes: true,
      },
    ],
    fix: [
      'Keep the policy of the controller at the version of the controller, and alarm on its failing reconciliations.',
    ],
    links: ['https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/'],
  },
  *evaluate(incident) {
    const said = incident.said(...FAILED).filter(({ about }) => KINDS.has(about.kind))
    for (const [, members] of Map.groupBy(said, ({ about }) => keyOf(about))) {
      const about = (members[0] as Said).about
      const current = members.filter((one) => isCurrent(incident, one))
      if (current.length === 0 || isMended(incident, about, endOf(current)))
        yield reject(about, 'It failed once, and the controller has brought it to the wanted state since.')
      else yield describe(incident, about, current)
    }
  },
}

function isMended(incident: Incident, about: Ref, failed: number | undefined): boolean {
  return incident
    .said('lb-reconciled')
    .some((one) => keyOf(one.about) === keyOf(about) && (one.last ?? 0) > (failed ?? Infinity))
}

function describe(incident: Incident, about: Ref, said: readonly Said[]): Finding {
  const [clearest] = [...said].sort((a, b) => FAILED.indexOf(a.id) - FAILED.indexOf(b.id))
  const routed = incident.dependencies.filter(({ from, by }) => by === 'route' && keyOf(from) === keyOf(about))
  return {
    kind: 'cause',
    subject: about,
    strength: 'proof',
    from: onsetOf(said),
    to: endOf(said),
    says: `The load balancer of ${describeRef(about)} is not as wanted: ${clearest?.text.slice(0, 200)}`,
    cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
    affects: uniqueRefs(routed.map(({ to }) => to)),
  }
}
