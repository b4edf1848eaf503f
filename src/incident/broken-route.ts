import { type Citation, cite } from './citation.ts'
import { type Condition, readConditionsAt } from './condition.ts'
import type { Incident } from './incident.ts'
import { listAt, numberAt, textAt, valueAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Ref } from './reference.ts'

/** An Ingress, a Gateway or a route whose way ends before any pod, and why. */
export interface BrokenRoute {
  readonly route: KubeObject
  /** `its backend web does not exist`, a clause that fits behind a name. */
  readonly says: string
  /** Whether a controller says so itself, in a condition that holds now. */
  readonly isSaid: boolean
  readonly since: number | undefined
  readonly cites: readonly [Citation, ...Citation[]]
  /** The Service, class or Gateway that is not there. */
  readonly missing: readonly Ref[]
}

const GATEWAY_ROUTES = ['httproutes', 'grpcroutes', 'tcproutes', 'tlsroutes', 'udproutes'].map(
  (one) => `${one}.gateway.networking.k8s.io`,
)

/** Lists what leads nowhere: by the conditions of the Gateway API, and by names that are in no complete list. */
export function* findBrokenRoutes(incident: Incident): Generator<BrokenRoute> {
  for (const ingress of incident.objects('ingresses.networking.k8s.io')) {
    const broken = withoutClass(incident, ingress) ?? withoutBackend(incident, ingress, ingressBackends(ingress))
    if (broken) yield broken
  }
  for (const gateway of incident.objects('gateways.gateway.networking.k8s.io')) {
    const broken = withoutGatewayClass(incident, gateway)
    if (broken) yield broken
  }
  for (const route of GATEWAY_ROUTES.flatMap(incident.objects)) {
    const broken =
      refused(route) ?? withoutParent(incident, route) ?? withoutBackend(incident, route, routeBackends(route))
    if (broken) yield broken
  }
}

/** What the controller of a Gateway says of a route (Gateway API, RouteParentStatus). */
function refused(route: KubeObject): BrokenRoute | undefined {
  const conditions = listAt(route.json, 'status', 'parents').flatMap((_, index) =>
    readConditionsAt(route.json, ['status', 'parents', index, 'conditions']),
  )
  const isAccepted = conditions.some(({ type, status }) => type === 'Accepted' && status === 'True')
  const bad = conditions.find(
    ({ type, status }) => status === 'False' && (type === 'ResolvedRefs' || (type === 'Accepted' && !isAccepted)),
  )
  return bad && tellRefused(route, bad)
}

function tellRefused(route: KubeObject, { type, reason, message, since, path }: Condition): BrokenRoute {
  return {
    route,
    says: `its Gateway says ${type}=False (${reason})${message === '' ? '' : `: ${message.slice(0, 200)}`}`,
    isSaid: true,
    since,
    cites: [cite(route, [...path, message === '' ? 'reason' : 'message'])],
    missing: [],
  }
}

function withoutParent(incident: Incident, route: KubeObject): BrokenRoute | undefined {
  if (listAt(route.json, 'status', 'parents').length > 0) return undefined
  const parents = listAt(route.json, 'spec', 'parentRefs').map((parent, index) => ({
    kind: textAt(parent, 'kind') || 'Gateway',
    namespace: textAt(parent, 'namespace') || route.ref.namespace || '',
    name: textAt(parent, 'name'),
    path: ['spec', 'parentRefs', index, 'name'],
  }))
  const isAbsent = ({ kind, namespace, name }: (typeof parents)[number]) =>
    kind === 'Gateway' &&
    incident.coverage.isComplete('gateways.gateway.networking.k8s.io', namespace) &&
    !incident.find('Gateway', namespace, name)
  const [first] = parents
  if (!first || !parents.every(isAbsent)) return undefined
  const { kind, namespace, name, path } = first
  return nowhere(route, `the Gateway ${name} does not exist in the namespace ${namespace}`, path, [
    { kind, namespace, name },
  ])
}

function withoutGatewayClass(incident: Incident, gateway: KubeObject): BrokenRoute | undefined {
  const name = textAt(gateway.json, 'spec', 'gatewayClassName')
  const isServed = readConditionsAt(gateway.json, ['status', 'conditions']).some(({ status }) => status === 'True')
  if (isServed || name === '' || !incident.coverage.isComplete('gatewayclasses.gateway.networking.k8s.io'))
    return undefined
  if (incident.find('GatewayClass', undefined, name)) return undefined
  return nowhere(
    gateway,
    `the GatewayClass ${name} does not exist`,
    ['spec', 'gatewayClassName'],
    [{ kind: 'GatewayClass', name }],
  )
}

const CLASSES = 'ingressclasses.networking.k8s.io'

/** Some controllers serve names of classes that have no object, and then give the Ingress an address. */
function withoutClass(incident: Incident, ingress: KubeObject): BrokenRoute | undefined {
  const classes = incident.objects(CLASSES)
  if (listAt(ingress.json, 'status', 'loadBalancer', 'ingress').length > 0) return undefined
  if (classes.length === 0 || !incident.coverage.isComplete(CLASSES)) return undefined
  const name = textAt(ingress.json, 'spec', 'ingressClassName')
  const known = classes.map(({ ref }) => ref.name).join(', ')
  if (name !== '')
    return incident.find('IngressClass', undefined, name)
      ? undefined
      : nowhere(
          ingress,
          `the IngressClass ${name} does not exist (there is ${known})`,
          ['spec', 'ingressClassName'],
          [{ kind: 'IngressClass', name }],
        )
  const isOld = 'kubernetes.io/ingress.class' in ingress.annotations
  const hasDefault = classes.some((one) => one.annotations['ingressclass.kubernetes.io/is-default-class'] === 'true')
  return isOld || hasDefault
    ? undefined
    : nowhere(ingress, `it names no IngressClass, and none is the default (there is ${known})`, ['spec'], [])
}

interface Backend {
  readonly namespace: string
  readonly name: string
  /** A number, or of an Ingress a name. */
  readonly port: string
  readonly path: readonly (string | number)[]
}

function ingressBackends({ ref, json }: KubeObject): readonly Backend[] {
  const paths = listAt(json, 'spec', 'rules').flatMap((rule, index) =>
    listAt(rule, 'http', 'paths').map((_, path) => [
      'spec',
      'rules',
      index,
      'http',
      'paths',
      path,
      'backend',
      'service',
    ]),
  )
  return [['spec', 'defaultBackend', 'service'], ...paths].map((path) => ({
    namespace: ref.namespace ?? '',
    name: textAt(json, ...path, 'name'),
    port: String(valueAt(json, ...path, 'port', 'number') ?? valueAt(json, ...path, 'port', 'name') ?? ''),
    path,
  }))
}

function routeBackends({ ref, json }: KubeObject): readonly Backend[] {
  return listAt(json, 'spec', 'rules').flatMap((rule, index) =>
    listAt(rule, 'backendRefs').flatMap((backend, at) =>
      (textAt(backend, 'kind') || 'Service') === 'Service'
        ? [
            {
              namespace: textAt(backend, 'namespace') || ref.namespace || '',
              name: textAt(backend, 'name'),
              port: String(numberAt(backend, 'port') ?? ''),
              path: ['spec', 'rules', index, 'backendRefs', at],
            },
          ]
        : [],
    ),
  )
}

/** A Service that is not there, or one without the port; `use-annotation` is a port of the AWS controller that stands for an action. */
function withoutBackend(incident: Incident, route: KubeObject, backends: readonly Backend[]): BrokenRoute | undefined {
  for (const { namespace, name, port, path } of backends) {
    if (name === '' || port === 'use-annotation' || !incident.coverage.isComplete('services', namespace)) continue
    const ref: Ref = { kind: 'Service', namespace, name }
    const service = incident.find('Service', namespace, name)
    if (!service) return nowhere(route, `its backend, the Service ${name}, does not exist`, [...path, 'name'], [ref])
    const ports = listAt(service.json, 'spec', 'ports').map((one) => ({
      name: textAt(one, 'name'),
      port: numberAt(one, 'port'),
    }))
    const has = ports.some((one) => one.name === port || String(one.port) === port)
    if (port !== '' && ports.length > 0 && !has)
      return nowhere(
        route,
        `the Service ${name} has no port ${port} (it has ${tellPorts(ports)})`,
        [...path, 'port'],
        [ref],
      )
  }
  return undefined
}

function tellPorts(ports: readonly { readonly name: string; readonly port: number | undefined }[]): string {
  return ports.map(({ name, port }) => (name === '' ? String(port) : `${name}=${port}`)).join(', ')
}

function nowhere(
  route: KubeObject,
  says: string,
  path: readonly (string | number)[],
  missing: readonly Ref[],
): BrokenRoute {
  return { route, says, isSaid: false, since: undefined, cites: [cite(route, path)], missing }
}
