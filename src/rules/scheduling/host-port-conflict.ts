import { type Citation, cite } from '../../incident/citation.ts'
import { sampleOf } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, numberAt } from '../../incident/kubernetes.ts'
import { countNodes, listPending, type Pending, type PendingGroup, reasonsOf } from '../../incident/pending.ts'
import { isOnHostNetwork, type Pod } from '../../incident/pod.ts'
import type { Said } from '../../incident/statement.ts'
import { onePerSubject } from '../one-per-subject.ts'
import type { Finding, Rule } from '../rule.ts'
import { countLate, countOf, findPending, nodes, pendingFor } from './pending-finding.ts'

/** Another pod has the port of the node that a pod wants. */
export const hostPortConflict: Rule<'host-port-conflict'> = {
  id: 'host-port-conflict',
  title: 'A host port is taken on every node',
  domain: 'scheduling',
  needs: ['pods'],
  helps: ['nodes', 'events'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'node-unhealthy'],
  explain: {
    mechanism:
      'A pod with a hostPort, or with ports in the network of its host, takes that port of its node alone. There can be only one such pod on each node, and a rolling update with as many pods as nodes cannot start a new one beside the old. A hostPort of 10250 even hides the kubelet: logs, exec and metrics of that node fail.',
    proof: [
      'PodScheduled is False and counts `didn’t have free ports for the requested pod ports`.',
      'Pods on these nodes have the same hostPort.',
    ],
    lookAlikes: ['topology-or-antiaffinity-block: anti-affinity has the same effect without a port.'],
    mitigate: [
      {
        says: 'Take the hostPort out, or roll out with maxSurge 0.',
        command: 'kubectl edit deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Use a Service, a DaemonSet, or another port.'],
    links: ['https://kubernetes.io/docs/concepts/configuration/overview/'],
  },
  *evaluate(incident) {
    for (const group of listPending(incident)) {
      const pending = pendingFor(group, 'host-ports')
      if (pending) yield describe(incident, group, pending)
    }
    yield* onePerSubject(incident.said('nma-host-port-conflict').map((said) => describeHidden(incident, said)))
  },
}

function describe(incident: Incident, group: PendingGroup, pending: Pending): Finding {
  const taken = countNodes(reasonsOf(pending, 'host-ports'))
  const wanted = hostPortsOf(pending.pod)
  const holders = incident.pods.filter(
    (pod) =>
      pod.node !== '' &&
      hostPortsOf(sampleOf(incident, pod)).some(({ port }) => wanted.some((one) => one.port === port)),
  )
  const names = [...new Set(holders.map(({ workload }) => workload.name))].sort()
  return findPending(group, pending, {
    kind: 'cause',
    strength: countLate(pending) > taken ? 'strong' : 'proof',
    says: `${countOf(group)} want${group.pods.length === 1 ? 's' : ''} host port ${wanted.map(({ port }) => port).join(', ') || '?'}, which is taken on ${nodes(taken)}${names.length > 0 ? ` by ${names.slice(0, 3).join(', ')}` : ''}.`,
    cites: wanted.slice(0, 2).map(({ path }): Citation => cite(pending.pod, path)),
  })
}

interface HostPort {
  readonly port: number
  readonly path: readonly (string | number)[]
}

/** Ports of the node that a pod takes: in the network of its host, all that its containers name. */
function hostPortsOf(pod: Pod): readonly HostPort[] {
  const isHost = isOnHostNetwork(pod)
  return pod.containers.flatMap(({ spec, specPath }) =>
    listAt(spec, 'ports').flatMap((one, index) => {
      const port = numberAt(one, 'hostPort') ?? (isHost ? numberAt(one, 'containerPort') : undefined)
      return port === undefined || port === 0 ? [] : [{ port, path: [...specPath, 'ports', index] }]
    }),
  )
}

function describeHidden(incident: Incident, said: Said): Finding {
  return {
    kind: 'cause',
    subject: said.about,
    strength: 'strong',
    from: said.first,
    says: `A host port hides a port that ${said.about.name} needs itself: ${said.text.slice(0, 160)}`,
    cites: [said.citation],
    affects: said.about.kind === 'Node' ? incident.podsOn(said.about.name).map(({ ref }) => ref) : [],
  }
}
