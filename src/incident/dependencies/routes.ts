import { cite } from '../citation.ts'
import type { Dependency } from '../dependency.ts'
import type { Incident } from '../incident.ts'
import { listAt, textAt, valueAt } from '../kubernetes.ts'
import type { KubeObject } from '../object.ts'
import type { Names } from './names.ts'

/** Kinds of the Gateway API that name their backends in the same way. */
const GATEWAY_ROUTES = ['httproutes', 'grpcroutes', 'tcproutes', 'tlsroutes'].map(
  (one) => `${one}.gateway.networking.k8s.io`,
)

type Path = readonly (string | number)[]

/** Services that Ingresses, routes of the Gateway API and VirtualServices of Istio send requests to. */
export function* findRoutes(incident: Incident, names: Names): Generator<Dependency> {
  for (const ingress of incident.objects('ingresses.networking.k8s.io'))
    for (const path of ingressBackends(ingress.json)) yield route(ingress, [...path, 'service', 'name'])
  for (const one of GATEWAY_ROUTES.flatMap(incident.objects)) yield* gatewayRoutes(one)
  for (const one of incident.objects('virtualservices.networking.istio.io')) yield* meshRoutes(one, names)
}

function* ingressBackends(json: unknown): Generator<Path> {
  const backends: Path[] = [['spec', 'defaultBackend']]
  for (const [rule, { length }] of listAt(json, 'spec', 'rules')
    .map((one) => listAt(one, 'http', 'paths'))
    .entries())
    for (let path = 0; path < length; path++) backends.push(['spec', 'rules', rule, 'http', 'paths', path, 'backend'])
  for (const path of backends) if (textAt(json, ...path, 'service', 'name') !== '') yield path
}

function* gatewayRoutes(object: KubeObject): Generator<Dependency> {
  for (const [rule, value] of listAt(object.json, 'spec', 'rules').entries())
    for (const [index, backend] of listAt(value, 'backendRefs').entries())
      if ((textAt(backend, 'kind') || 'Service') === 'Service')
        yield route(object, ['spec', 'rules', rule, 'backendRefs', index, 'name'], textAt(backend, 'namespace'))
}

function* meshRoutes(object: KubeObject, names: Names): Generator<Dependency> {
  for (const kind of ['http', 'tcp', 'tls'])
    for (const [rule, value] of listAt(object.json, 'spec', kind).entries())
      for (const index of listAt(value, 'route').keys()) {
        const path = ['spec', kind, rule, 'route', index, 'destination', 'host']
        const to = names.serviceOf(textAt(object.json, ...path), object.ref.namespace)
        if (to) yield { ...route(object, path), to }
      }
}

function route(object: KubeObject, path: Path, namespace?: string): Dependency {
  const { ref, json } = object
  const name = String(valueAt(json, ...path) ?? '')
  const space = namespace || ref.namespace
  return {
    from: ref,
    to: { kind: 'Service', ...(space === undefined ? {} : { namespace: space }), name },
    by: 'route',
    failing: false,
    first: undefined,
    says: `${ref.kind} ${ref.name} sends requests to ${name}.`,
    cites: [cite(object, path)],
  }
}
