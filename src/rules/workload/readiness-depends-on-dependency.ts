import { atLeastOne } from '../../incident/citation.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { hasNoReadyEndpoint } from '../../incident/endpoints.ts'
import { doesNotAnswer } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { probeFailuresOf, troubleOf } from '../../incident/probe-failure.ts'
import { describeRef, keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A readiness probe that fails because something else does: one dependency takes every caller out of its Service. */
export const readinessDependsOnDependency: Rule<'readiness-depends-on-dependency'> = {
  id: 'readiness-depends-on-dependency',
  title: 'Readiness depends on a dependency (probe cascade)',
  domain: 'workload',
  seeds: ['KIA 4.8.1'],
  needs: ['pods', 'events'],
  helps: ['logs', 'endpointslices.discovery.k8s.io'],
  explains: ['not-ready', 'no-endpoints', 'errors', 'rollout-stalled', 'warnings'],
  explain: {
    mechanism:
      'The readiness probe of a service asks whether its dependencies answer. When one of them does not, every pod of the service says that it is not ready at the same moment, and the Service has no endpoint left, although the program could still serve something. Services that depend on this one follow.',
    proof: [
      'All pods of a Service have Ready False and their containers run without restarts, and events say that the readiness probe failed.',
      'The logs of the same pods show failing calls to one Service or host, from before or at the same time.',
    ],
    lookAlikes: [
      'Only pods of one node or zone fail: the node or the network.',
      'liveness-kills-healthy-app: the containers are restarted.',
      'cpu-limit-throttling: the probes time out while nothing else fails.',
    ],
    mitigate: [
      { says: 'Restore the dependency first; see dependency-down.', changes: false },
      {
        says: 'Or let the probe ask less for now.',
        command: 'kubectl edit deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Readiness means "I can serve", not "all that I call is well"; answer with a degraded result, and break the circuit instead of leaving the Service.',
    ],
    links: ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'],
  },
  *evaluate(incident) {
    const unready = incident.pods.filter((pod) => runsUnready(incident, pod))
    for (const [, pods] of Map.groupBy(unready, ({ workload }) => keyOf(workload))) {
      const { workload } = pods[0] as Pod
      const call = incident.dependencies.find((one) => keyOf(one.from) === keyOf(workload) && doesNotAnswer(one))
      if (!call) yield reject(workload, 'Its readiness probe fails, and no failing call of it is known.')
      else if (onOneNode(incident, pods))
        yield reject(workload, `Only its pods on the node ${pods[0]?.node} fail their readiness probe.`)
      else yield describe(incident, pods, call)
    }
  },
}

/** A pod whose containers run and whose readiness probe fails. */
function runsUnready(incident: Incident, pod: Pod): boolean {
  const runs = pod.phase === 'Running' && pod.deleted === undefined && !pod.ready
  return (
    runs &&
    pod.containers.every(({ state, role }) => role !== 'main' || state.kind === 'running') &&
    failuresOf(incident, pod).length > 0
  )
}

function failuresOf(incident: Incident, pod: Pod): readonly Said[] {
  return probeFailuresOf(incident, pod, 'readiness')
}

function onOneNode(incident: Incident, pods: readonly Pod[]): boolean {
  const all = incident.workloadOf((pods[0] as Pod).workload)?.pods ?? []
  return (
    new Set(pods.map(({ node }) => node)).size === 1 && all.some(({ ready, node }) => ready && node !== pods[0]?.node)
  )
}

function describe(incident: Incident, pods: readonly Pod[], call: Dependency): Finding {
  const [pod] = pods as readonly [Pod, ...Pod[]]
  const said = pods.flatMap((one) => failuresOf(incident, one))
  const empty = incident.services.filter(
    (service) => hasNoReadyEndpoint(service) && service.pods.some((one) => pods.includes(one)),
  )
  const callee = describeRef(call.to)
  return {
    kind: 'mechanism',
    subject: pod.workload,
    strength: troubleOf(incident, pod, 'readiness') === 'server-error' ? 'strong' : 'weak',
    from: earliest(said.map(({ first }) => first)) ?? pod.started,
    says: `The readiness probe of ${count(pods.length, 'pod')} of ${pod.workload.name} fails while calls to ${callee} do${empty.length > 0 ? `; ${tellNames(empty.map(({ object }) => object.ref.name))} has no endpoint left` : ''}.`,
    cites: atLeastOne([...said.slice(0, 2).map(({ citation }) => citation), ...call.cites].slice(0, 4)),
    affects: sufferersOf(incident, pods),
  }
}
