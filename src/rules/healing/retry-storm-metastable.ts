import { atLeastOne, type Citation, citeName } from '../../incident/citation.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { hasNoReadyEndpoint, serviceOf, servingPods } from '../../incident/endpoints.ts'
import { failedCallsOf, isStillFailing } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { earliest, tellNames, tellSpan } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'

/** Clients that ask again so often that what they ask cannot recover. */
export const retryStormMetastable: Rule<'retry-storm-metastable'> = {
  id: 'retry-storm-metastable',
  title: 'Retries keep an outage alive after its trigger is gone',
  domain: 'healing',
  seeds: ['KIA 2.2', 'KIA 3.3.1'],
  needs: ['logs', 'services'],
  helps: ['coredns-metrics', 'socket-counters', 'aws-cloudwatch'],
  explains: ['errors', 'slow'],
  explain: {
    mechanism:
      'Clients that retry at once, without back-off or limit, multiply the load of a dependency just when it can bear least. The dependency is up again, and is kept busy with requests whose callers have given up already; the outage sustains itself after what began it is over.',
    proof: [
      'The dependency is ready for minutes, and several callers log failing calls and retries many times a second until the capture.',
      'Metrics of the dependency show three times its usual requests, most of them in vain.',
    ],
    lookAlikes: ['dependency-down: it is not up again.', 'Real traffic of users: load without failures of before.'],
    mitigate: [
      {
        says: 'Shed load: scale callers down, or break the circuit, then let them in slowly.',
        command: 'kubectl scale deployment/<caller> -n <namespace> --replicas=1',
        changes: true,
      },
    ],
    fix: ['Exponential back-off with jitter, a budget for retries, and deadlines that are handed on.'],
    links: ['https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/'],
  },
  *evaluate(incident) {
    const stormy = incident.dependencies.filter((call) => isStorm(incident, call) && isStillFailing(incident, call))
    for (const [, calls] of Map.groupBy(stormy, ({ to }) => keyOf(to))) {
      const service = serviceOf(incident, (calls[0] as Dependency).to)
      if (service && isBack(incident, service, calls)) yield describe(incident, service, calls)
    }
  },
}

/** Failing calls of one template this often are no client that waits between its attempts. Our judgement. */
const PER_SECOND = 1

const FEWEST = 100

function isStorm(incident: Incident, call: Dependency): boolean {
  return failedCallsOf(incident, call).some(({ template: { count, first, last } }) => {
    return count >= FEWEST && first !== undefined && last !== undefined && count >= (PER_SECOND * (last - first)) / 1000
  })
}

/** Ready for this long, a dependency is up again. */
const BACK = 5 * 60 * 1000

/** Whether the callee became ready after the calls began to fail, and has been for a while. */
function isBack(incident: Incident, service: Service, calls: readonly Dependency[]): boolean {
  const onset = earliest(calls.map(({ first }) => first)) ?? incident.now
  const since = servingPods(service).map(
    ({ conditions }) => conditions.find(({ type, status }) => type === 'Ready' && status === 'True')?.since ?? 0,
  )
  return !hasNoReadyEndpoint(service) && since.some((at) => at > onset && incident.now - at > BACK)
}

function describe(incident: Incident, { object }: Service, calls: readonly Dependency[]): Finding {
  const callers = uniqueRefs(calls.map(({ from }) => from))
  const from = earliest(calls.map(({ first }) => first))
  return {
    kind: 'amplifier',
    subject: object.ref,
    strength: 'weak',
    from,
    says: `The Service ${object.ref.name} is ready again, and ${tellNames(callers.map(({ name }) => name))} still fail to call it more than once a second, ${tellSpan(incident.now - (from ?? incident.now))} after they began to fail.`,
    cites: atLeastOne([...calls.flatMap(({ cites }) => cites as readonly Citation[]).slice(0, 4), citeName(object)]),
    affects: uniqueRefs([object.ref, ...callers]),
    missing: ['requests per second at the dependency, now and before'],
  }
}
