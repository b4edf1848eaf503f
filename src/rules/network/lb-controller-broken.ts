import { atLeastOne, cite, citeName } from '../../incident/citation.ts'
import { serviceOf } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { timesOf } from '../times-of.ts'
import { readySince, waitsForBalancer } from './readiness-gate.ts'
import { firstSaid, lastSaid, stillHolds } from './still-holds.ts'

/** What the controller says while it cannot bring a load balancer to the wanted state; the words with a reason first. */
const FAILED: readonly MessageId[] = [
  'lb-subnet-unresolved',
  'lb-security-group-ambiguous',
  'lb-certificate-missing',
  'lb-address-unassigned',
  'lb-backend-missing',
  'lb-backend-not-found',
  'lb-class-conflict',
  'lb-model-failed',
  'lb-deploy-failed',
  'lb-sync-failed',
  'lb-controller-broken',
]

/** What is often better at the next try. */
const PASSING: readonly MessageId[] = ['sts-or-aws-api-throttled', 'update-conflict']

/** A controller that tried this often in vain is not helped by trying again. */
const MANY_TRIES = 5

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
      'Its events at the object say why: FailedBuildModel, FailedDeployModel, FailedNetworkReconcile, BackendNotFound; SyncLoadBalancerFailed from the controllers of other clouds.',
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
      const current = members.filter((one) => stillHolds(incident, one))
      const isPassing = isOfPassing(incident, current)
      const tries = timesOf(current)
      if (
        current.length === 0 ||
        isMended(incident, about, lastSaid(current)) ||
        hasItsAddress(incident, about, current)
      )
        yield reject(about, 'It failed once, and the controller has brought it to the wanted state since.')
      else if (isPassing && tries < MANY_TRIES)
        yield reject(about, 'It failed with what is mostly better at the next try, and has not failed often.')
      else yield describe(incident, about, current, isPassing)
    }
    yield* tellOfController(incident)
    yield* findUnanswered(incident, new Set(said.map(({ about }) => keyOf(about))))
  },
}

function isOfPassing(incident: Incident, said: readonly Said[]): boolean {
  return said.every(({ about, text }) =>
    incident.saidAbout(about).some((one) => one.text === text && PASSING.includes(one.id)),
  )
}

function isMended(incident: Incident, about: Ref, failed: number | undefined): boolean {
  return incident
    .said('lb-reconciled', 'lb-synced')
    .some((one) => keyOf(one.about) === keyOf(about) && (one.last ?? 0) > (failed ?? Infinity))
}

/** Who lacked only an address, and has one. */
function hasItsAddress(incident: Incident, about: Ref, said: readonly Said[]): boolean {
  const service = serviceOf(incident, about)
  return service !== undefined && isAddressed(service) && said.every(({ id }) => id === 'lb-address-unassigned')
}

function isAddressed({ object }: Service): boolean {
  return listAt(object.json, 'status', 'loadBalancer', 'ingress').length > 0
}

/** A cloud gives an address within minutes. */
const PATIENCE = 10 * 60 * 1000

/** Services that wait for a load balancer and of which nobody says anything: mostly nothing in the cluster makes any. */
function* findUnanswered(incident: Incident, told: ReadonlySet<string>): Generator<Finding> {
  const balanced = incident.services.filter(
    ({ type, object }) => type === 'LoadBalancer' && object.deleted === undefined,
  )
  const others = balanced.filter(isAddressed).length
  for (const service of balanced) {
    const { ref, created } = service.object
    if (told.has(keyOf(ref)) || isAddressed(service) || incident.now - (created ?? incident.now) < PATIENCE) continue
    yield {
      kind: 'risk',
      subject: ref,
      strength: 'weak',
      from: created,
      says: `The Service ${ref.name} of type LoadBalancer has got no address, and no event says why${others === 0 ? '; no other has one either: nothing seems to make load balancers here' : ''}.`,
      cites: [cite(service.object, ['spec', 'type'])],
      missing: ['The log of whoever makes load balancers: the cloud controller manager, MetalLB.'],
    }
  }
}

function describe(incident: Incident, about: Ref, said: readonly Said[], isPassing: boolean): Finding {
  const [clearest] = [...said].sort((a, b) => FAILED.indexOf(a.id) - FAILED.indexOf(b.id))
  const services = servicesBehind(incident, about)
  const pods = services.flatMap((service) => service.pods.filter((pod) => waitsForBalancer(incident, pod)))
  return {
    kind: 'cause',
    subject: about,
    strength: isPassing ? 'weak' : 'proof',
    from: firstSaid(said),
    to: lastSaid(said),
    says: `The load balancer of ${describeRef(about)} is not as wanted: ${clearest?.text.slice(0, 200)}`,
    cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
    affects: uniqueRefs([...services.map(({ object }) => object.ref), ...sufferersOf(incident, pods)]),
  }
}

/** The Services that the load balancer of an object sends requests to. */
function servicesBehind(incident: Incident, about: Ref): readonly Service[] {
  const routed = incident.dependencies.filter(({ from, by }) => by === 'route' && keyOf(from) === keyOf(about))
  const bound = textAt(incident.find(about.kind, about.namespace, about.name)?.json, 'spec', 'serviceRef', 'name')
  const names = new Set([keyOf(about), ...routed.map(({ to }) => keyOf(to))])
  return incident.services.filter(
    ({ object: { ref } }) => names.has(keyOf(ref)) || (ref.name === bound && ref.namespace === about.namespace),
  )
}

/** Pods that wait to be registered while no pod of the controller is ready. */
function* tellOfController(incident: Incident): Generator<Finding> {
  for (const { ref, pods, object } of incident.workloads.filter(isController)) {
    const gated = incident.pods.filter((pod) => waitsForBalancer(incident, pod))
    const [cited] = pods.length > 0 ? pods : [object]
    if (!cited || gated.length === 0 || pods.some(({ ready }) => ready)) continue
    yield {
      kind: 'mechanism',
      subject: ref,
      strength: 'strong',
      from: earliest(gated.map(readySince)),
      says: `No pod of ${ref.name} is ready, and ${count(gated.length, 'pod')} wait to be registered with a load balancer.`,
      cites: [citeName(cited), ...gated.slice(0, 2).map(citeName)],
      affects: sufferersOf(incident, gated),
    }
  }
}

function isController({ ref }: Workload): boolean {
  return ref.kind === 'Deployment' && ref.name.includes('aws-load-balancer-controller')
}
