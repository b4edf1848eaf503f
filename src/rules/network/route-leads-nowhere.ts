import { type BrokenRoute, findBrokenRoutes } from '../../incident/broken-route.ts'
import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { describeRef, uniqueRefs } from '../../incident/reference.ts'
import { earliest } from '../../incident/telling.ts'
import { complaintsOf, isFelt, isOfLate, lostAt } from '../route-trouble.ts'
import type { Finding, Rule } from '../rule.ts'

/** An Ingress, a Gateway or a route that ends before any pod. */
export const routeLeadsNowhere: Rule<'route-leads-nowhere'> = {
  id: 'route-leads-nowhere',
  title: 'An Ingress or a route leads nowhere',
  domain: 'network',
  needs: [],
  helps: [
    'ingresses.networking.k8s.io',
    'ingressclasses.networking.k8s.io',
    'services',
    'httproutes.gateway.networking.k8s.io',
    'gateways.gateway.networking.k8s.io',
    'logs',
    'events',
  ],
  explains: ['unhealthy-condition', 'errors', 'warnings', 'no-endpoints'],
  explain: {
    mechanism:
      'An Ingress or a route names a class or Gateway that is to serve it, and a Service with a port behind it. Where one of these is not there, or may not be used from its namespace, no controller serves it, or answers every request with 404 or 503. Pods and Services are well, and nothing in the cluster is seen to fail.',
    proof: [
      'A condition of the route is False: Accepted (no Gateway takes it), ResolvedRefs (a backend or a certificate is not found, or not allowed).',
      'The class, the Service or the port that it names is in no complete list of them, and the Ingress has no address, or its controller complains of the Service.',
      'It is new, the Service was lost of late (its events are there still; a controller that had started without complaint complains), or requests for it fail now.',
    ],
    lookAlikes: [
      'service-has-no-ready-endpoints, service-selector-or-port-mismatch: the Service is there, and nobody behind it.',
      'lb-controller-broken: everything that it names is there, and the load balancer of the cloud is not made.',
      'An Ingress that was left behind when its Service went: nobody asks for it.',
    ],
    mitigate: [
      {
        says: 'See which classes, Services and ports there are.',
        command:
          'kubectl get ingressclass; kubectl -n {namespace} get services; kubectl -n {namespace} describe {kind} {name}',
        changes: false,
      },
      { says: 'Correct the name of the class, the Gateway, the Service or the port.', changes: true },
    ],
    fix: ['Ship routes in one release with the Services that they name, and check in CI that the names resolve.'],
    links: [
      'https://kubernetes.io/docs/concepts/services-networking/ingress/',
      'https://gateway-api.sigs.k8s.io/guides/troubleshooting/',
    ],
  },
  *evaluate(incident) {
    for (const broken of findBrokenRoutes(incident)) {
      if (isFelt(incident, broken)) yield describe(incident, broken)
      else yield describeUnmissed(broken)
    }
  },
}

/** What has led nowhere for long, and nobody is seen to miss, is left behind or not asked for yet. */
function describeUnmissed({ route, says, since, cites }: BrokenRoute): Finding {
  return {
    kind: 'risk',
    subject: route.ref,
    strength: 'weak',
    from: since,
    says: `${describeRef(route.ref)} leads nowhere: ${says}. Nobody is seen to miss it.`,
    cites,
  }
}

function describe(incident: Incident, broken: BrokenRoute): Finding {
  const { route, says, isSaid, since, cites, missing } = broken
  const complaints = complaintsOf(incident, broken)
  return {
    kind: 'cause',
    subject: route.ref,
    strength: !isOfLate(incident, broken) ? 'weak' : isSaid || complaints.length > 0 ? 'proof' : 'strong',
    from: since ?? earliest(complaints.map(({ first }) => first)) ?? lostAt(incident, broken),
    says: `${describeRef(route.ref)} leads nowhere: ${says}.`,
    cites: atLeastOne([...cites, ...complaints.slice(0, 2).map(({ citation }) => citation)]),
    affects: uniqueRefs([
      route.ref,
      ...missing,
      ...complaints.filter(({ source }) => source === 'log').map(({ about }) => incident.topOf(about)),
    ]),
  }
}
