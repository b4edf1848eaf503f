import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import {
  destinationRulesOf,
  findMeshRoutes,
  hasPods,
  type MeshRoute,
  subsetOf,
  workloadsOfService,
} from '../../incident/mesh-route.ts'
import type { KubeObject } from '../../incident/object.ts'
import { describeRef, uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { earliest } from '../../incident/telling.ts'
import { writtenAt } from '../../incident/written-at.ts'
import { erringCallers, errorOnset, harmedWith } from '../erring-callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A route of a mesh that leads to no pod, while the Service has pods. */
export const meshRouteBroken: Rule<'mesh-route-broken'> = {
  id: 'mesh-route-broken',
  title: 'A route of the mesh leads to no pod',
  domain: 'network',
  needs: ['virtualservices.networking.istio.io', 'pods', 'services'],
  helps: ['destinationrules.networking.istio.io', 'logs'],
  explains: ['errors', 'not-ready', 'crashing', 'job-failing'],
  explain: {
    mechanism:
      'A VirtualService sends requests to a subset of a host, a DestinationRule says which pods are in it. A subset that nobody defines, or whose labels no pod has, answers every request with 503 in the proxy of the caller, and the Service behind it is well.',
    proof: [
      'The subset of the route is in no DestinationRule of the host, or no pod of the Service has the labels of the subset; callers fail.',
      'Proxies of callers log NC (no cluster) or UH (no healthy upstream).',
    ],
    lookAlikes: [
      'service-has-no-ready-endpoints: the Service has no ready pod at all.',
      'mesh-fault-injection: the route injects an error (flag FI).',
    ],
    mitigate: [
      { says: 'Ask Istio what does not fit.', command: 'istioctl analyze -n {namespace}', changes: false },
      {
        says: 'Send the route to a subset that has pods.',
        command: 'kubectl edit {kind} {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Make DestinationRules before the routes that use them, and check both with istioctl analyze in CI.'],
    links: ['https://istio.io/latest/docs/ops/common-problems/network-issues/'],
  },
  *evaluate(incident) {
    for (const route of findMeshRoutes(incident)) {
      const broken = findBreak(incident, route)
      if (!broken) continue
      const callers = uniqueRefs(erringCallers(incident, uniqueRefs(workloadsOfService(broken.service))))
      if (callers.length === 0) yield reject(broken.object.ref, `${broken.says}, and no caller is seen to fail.`)
      else yield describe(incident, broken, callers)
    }
  },
}

interface Break {
  readonly object: KubeObject
  readonly service: Service
  readonly says: string
  readonly cites: readonly Citation[]
}

function findBreak(incident: Incident, { object, host, subset, path, service }: MeshRoute): Break | undefined {
  if (subset === '' || !service || service.pods.length === 0) return undefined
  const rules = destinationRulesOf(incident, service)
  const own = cite(object, [...path, 'subset'])
  const found = rules.map((rule) => ({ rule, subset: subsetOf(rule, subset) })).find((one) => one.subset !== undefined)
  if (!found?.subset) {
    if (!incident.coverage.isComplete('destinationrules.networking.istio.io') && rules.length === 0) return undefined
    const says = `${describeRef(object.ref)} sends requests for ${host} to the subset ${subset}, which no DestinationRule has`
    return { object, service, says, cites: [own] }
  }
  if (hasPods(service, found.rule, found.subset.path)) return undefined
  return {
    object: found.rule,
    service,
    says: `The subset ${subset} of ${describeRef(found.rule.ref)} has labels that no pod of ${host} has, and ${describeRef(object.ref)} sends requests there`,
    cites: [cite(found.rule, [...found.subset.path, 'labels']), own],
  }
}

function describe(
  incident: Incident,
  { object, says, cites }: Break,
  callers: ReturnType<typeof erringCallers>,
): Finding {
  return {
    kind: 'cause',
    subject: object.ref,
    strength: 'proof',
    from: earliest([writtenAt(object), errorOnset(incident, callers)]),
    says: `${says}.`,
    cites: atLeastOne(cites),
    affects: harmedWith(incident, callers),
  }
}
