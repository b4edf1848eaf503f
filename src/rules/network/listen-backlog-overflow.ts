import type { Incident } from '../../incident/incident.ts'
import { listAt, numberAt } from '../../incident/kubernetes.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import type { Finding, Rejection, Rule } from '../rule.ts'
import { tellOfNodes } from './node-faults.ts'
import { turnedAway } from './turned-away.ts'

/** More connections begin than a program takes, and the kernel turns the rest away. */
export const listenBacklogOverflow: Rule<'listen-backlog-overflow'> = {
  id: 'listen-backlog-overflow',
  title: 'A program takes new connections too slowly',
  domain: 'network',
  seeds: ['KIA 3.3.6'],
  needs: ['nodes'],
  helps: ['kernel-log', 'kernel-network'],
  explains: ['slow', 'errors', 'not-ready', 'warnings'],
  explain: {
    mechanism:
      'The kernel keeps new connections in a queue until the program accepts them. In a burst, or while the program is throttled, the queue is full: further ones are dropped and tried again after one second, three, seven. Callers see connection timeouts while the processor of the server is idle.',
    proof: [
      'TcpExtListenOverflows and ListenDrops grow in the network namespace of the pod (those of the node are of its own programs and of pods of the host network), and ss -lnt shows Recv-Q as large as Send-Q.',
      'The kernel writes "Possible SYN flooding on port".',
    ],
    lookAlikes: [
      'cpu-limit-throttling: why the program is slow to accept.',
      'conntrack-table-full: all pods of the node suffer.',
    ],
    mitigate: [
      {
        says: 'Add replicas to the program that listens on that port, so that each takes fewer connections.',
        changes: true,
      },
    ],
    fix: [
      'Raise the backlog that the program asks for, and net.core.somaxconn with it (4096 by default since Linux 5.4).',
    ],
    links: ['https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html'],
  },
  *evaluate(incident) {
    const counted = [...turnedAway(incident)]
    yield* counted
    const known = new Set(counted.map(({ subject }) => keyOf(subject)))
    for (const one of tellFlooded(incident)) if (!known.has(keyOf(one.subject))) yield one
  },
}

function tellFlooded(incident: Incident): Iterable<Finding | Rejection> {
  return tellOfNodes(incident, ['tcp-syn-flood'], ({ node, said }) => {
    const port = said[0]?.values.port?.split(':').at(-1) ?? ''
    const [workload, ...others] = listenersOn(incident, node.name, port)
    const isOne = workload !== undefined && others.length === 0
    return {
      kind: 'amplifier',
      strength: 'weak',
      ...(isOne ? { subject: workload, affects: [node, ...sufferersOfWorkload(incident, workload)] } : {}),
      says: `${isOne ? workload.name : 'A program'} on ${node.name} takes new connections too slowly, on port ${port || 'unknown'}.`,
    }
  })
}

/** The workloads whose pods on the node declare the port that the kernel names. */
function listenersOn(incident: Incident, node: string, port: string): readonly Ref[] {
  const pods = incident
    .podsOn(node)
    .filter(({ containers }) =>
      containers.some(({ spec }) =>
        listAt(spec, 'ports').some((one) => String(numberAt(one, 'containerPort')) === port),
      ),
    )
  return uniqueRefs(pods.map(({ workload }) => workload))
}
