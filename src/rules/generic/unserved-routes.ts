import { findBrokenRoutes } from '../../incident/broken-route.ts'
import { isFelt } from '../route-trouble.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Ingresses, Gateways and routes through which nothing comes. */
export const unservedRoutes: Rule<'unserved-routes'> = {
  id: 'unserved-routes',
  title: 'An Ingress or a route is not served',
  domain: 'generic',
  needs: [],
  explains: [],
  explain: symptomExplanation(
    'A Gateway refuses a route, or an Ingress or a route leads to what does not exist.',
    'A condition Accepted or ResolvedRefs is False; or a class, a Service or a port is not there, and the route is of late or its controller complains.',
  ),
  *evaluate(incident) {
    for (const broken of findBrokenRoutes(incident))
      if (isFelt(incident, broken)) yield describe(broken.route.ref, broken)
  },
}

function describe(
  subject: Finding['subject'],
  { says, since, cites }: { says: string; since: number | undefined; cites: Finding['cites'] },
): Finding {
  return {
    kind: 'symptom',
    symptom: 'unhealthy-condition',
    subject,
    strength: 'strong',
    from: since,
    says: `${subject.kind} ${subject.name} is not served: ${says}.`,
    cites,
  }
}
