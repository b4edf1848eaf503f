import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { findMeshFaults, type MeshFault, workloadsOfService } from '../../incident/mesh-route.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { count, tellNames } from '../../incident/telling.ts'
import { writtenAt } from '../../incident/written-at.ts'
import { currentErrors, erringCallers, errorOnset, errsSince, harmedWith } from '../erring-callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A VirtualService that answers, delays or gives up requests itself. */
export const meshFaultInjection: Rule<'mesh-fault-injection'> = {
  id: 'mesh-fault-injection',
  title: 'A VirtualService injects faults into requests',
  domain: 'network',
  needs: ['virtualservices.networking.istio.io', 'pods'],
  helps: ['logs', 'services'],
  explains: ['errors', 'slow', 'not-ready', 'crashing', 'job-failing'],
  explain: {
    mechanism:
      'A VirtualService of Istio may answer a share of requests with an error, hold them back, or give up after a timeout, all in the proxy of the caller. The Service behind it is well and never sees them.',
    proof: [
      'spec.http[].fault.abort or .delay with a share above zero, or a timeout of a few milliseconds, for a Service whose callers fail.',
      'Proxies of callers log the response flags FI (fault injected), DI (delay injected) or UT (upstream timeout).',
    ],
    lookAlikes: [
      'mesh-route-broken: the route leads nowhere (flags NC, NR, UH).',
      'dependency-down: the Service itself does not answer.',
    ],
    mitigate: [
      {
        says: 'Take the fault out of the VirtualService.',
        command: 'kubectl edit virtualservice {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Inject faults for test users only, by a match on a header, and remove them with the test.'],
    links: ['https://istio.io/latest/docs/tasks/traffic-management/fault-injection/'],
  },
  *evaluate(incident) {
    for (const fault of findMeshFaults(incident)) {
      const callees = uniqueRefs(fault.services.flatMap(workloadsOfService))
      const since = writtenAt(fault.object)
      const callers = erringCallers(incident, callees).filter((ref) => failsAnew(incident, ref, since))
      if (callers.length === 0) yield reject(fault.object.ref, `It ${fault.says}, and no caller began to fail since.`)
      else yield describe(incident, fault, callers, since)
    }
  },
}

/** Whether a workload fails without a word, or logs errors that it did not log before. */
function failsAnew(incident: Incident, ref: Ref, since: number | undefined): boolean {
  return currentErrors(incident, ref).length === 0 || errsSince(incident, ref, since)
}

function describe(
  incident: Incident,
  { object, path, says, services }: MeshFault,
  callers: ReturnType<typeof erringCallers>,
  since: number | undefined,
): Finding {
  return {
    kind: 'cause',
    subject: object.ref,
    strength: 'proof',
    from: since ?? errorOnset(incident, callers),
    says: `${describeRef(object.ref)} ${says}, on the way to ${tellNames(services.map((one) => one.object.ref.name))}; ${count(callers.length, 'workload')} (${tellNames(callers.map(({ name }) => name))}) ${callers.length === 1 ? 'fails' : 'fail'}.`,
    cites: atLeastOne([cite(object, path)]),
    affects: harmedWith(incident, uniqueRefs(callers)).filter((ref) => keyOf(ref) !== keyOf(object.ref)),
  }
}
