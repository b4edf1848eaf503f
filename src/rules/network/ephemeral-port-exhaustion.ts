import { atLeastOne, citeLine } from '../../incident/citation.ts'
import { mostPortsOf, type PortUse, portUses } from '../../incident/connections/port-use.ts'
import type { ContainerLog } from '../../incident/container-log.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LogTemplate } from '../../incident/logs/log-summary.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { earliest } from '../../incident/telling.ts'
import { type Claim, type Finding, type Rule, reject } from '../rule.ts'
import { isStuck } from './network-sufferers.ts'

/** One such line may be a program that binds to an address it does not have; exhaustion comes in bursts. */
const FEWEST_LINES = 5

/** Bursts that ended this long ago are over: the ports are free again after a minute (TCP_TIMEWAIT_LEN). */
const OVER_MS = 30 * 60_000

/** A burst as young as this may still go on. */
const NOW_MS = 10 * 60_000

/** So many of the ports towards one target leave none to find quickly; of so few there are enough for all (judgement). */
const NEARLY_ALL = 0.9
const ENOUGH = 0.5

/** Entries of closed connections are kept for so long (nf_conntrack_tcp_timeout_time_wait): of an older burst nothing need be left. */
const KEPT_MS = 120_000

/** Pods have no local port left for another connection to the same target. */
export const ephemeralPortExhaustion: Rule<'ephemeral-port-exhaustion'> = {
  id: 'ephemeral-port-exhaustion',
  title: 'No local port is left for another connection',
  domain: 'network',
  seeds: ['KIA 1.11.2'],
  needs: ['logs'],
  helps: ['conntrack', 'socket-counters', 'pod-network'],
  explains: ['errors', 'not-ready', 'crashing', 'slow'],
  explain: {
    mechanism:
      'Each connection takes a local port of its pod, and keeps it for a minute after it was closed. A client that opens a new connection for each request uses up the about 28,000 ports towards one target: connect fails with EADDRNOTAVAIL until the traffic falls.',
    proof: [
      'The log says cannot assign requested address while it connects, in bursts, to the same target.',
      'The node keeps about as many connections of the pod to that target in mind as there are local ports (conntrack -L; net.ipv4.ip_local_port_range, 28,232 ports where nobody set it).',
      'In the network namespace of the pod, ss -s shows tens of thousands of sockets in TIME-WAIT. Those of the node do not count.',
    ],
    lookAlikes: [
      'nat-port-allocation-exhausted: pods have ports, the NAT gateway has none.',
      'conntrack-table-full: connections time out, they do not fail at once.',
    ],
    mitigate: [
      {
        says: 'Spread the calls over more replicas: each has ports of its own.',
        command: 'kubectl -n {namespace} scale deployment/{name} --replicas=N',
        changes: true,
      },
      { says: 'Widen net.ipv4.ip_local_port_range in securityContext.sysctls of the pods.', changes: true },
    ],
    fix: ['Let the client keep and reuse its connections.'],
    links: ['https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/'],
  },
  *evaluate(incident) {
    const found = incident.logs.flatMap((log) =>
      log.summary.templates.filter(isExhausted).map((template) => ({ log, template })),
    )
    for (const [, lines] of Map.groupBy(found, ({ log }) => keyOf(workloadOf(incident, log)))) {
      const subject = workloadOf(incident, (lines[0] as Line).log)
      const count = lines.reduce((total, { template }) => total + template.count, 0)
      const isOver = lines.every(({ template }) => (template.last ?? incident.now) < incident.now - OVER_MS)
      if (isOver || count < FEWEST_LINES)
        yield reject(
          subject,
          `It lacked a local port ${count} times, ${isOver ? 'long ago' : 'too seldom to be out of them'}.`,
        )
      else yield describe(incident, subject, lines, count)
    }
    const logging = new Set(found.map(({ log }) => keyOf(workloadOf(incident, log))))
    for (const use of portUses(incident).filter(isNearlyAll)) {
      const subject = incident.topOf(use.owner)
      if (!logging.has(keyOf(subject))) yield describeRisk(subject, use)
      logging.add(keyOf(subject))
    }
  },
}

function isNearlyAll({ used, ports }: PortUse): boolean {
  return used >= NEARLY_ALL * ports
}

/** Who closes its connections needs a port for a minute, and its node remembers it for two: that alone is no failure. */
function describeRisk(subject: Ref, use: PortUse): Finding {
  return {
    kind: 'risk',
    subject,
    strength: 'weak',
    from: undefined,
    says: `${tellUse(use)}, and no call is known to fail for want of one.`,
    cites: atLeastOne(use.cites),
  }
}

function tellUse({ owner, used, ports, address, port, closing }: PortUse): string {
  const state = closing > 0 ? ` (${Math.round(100 * closing)} % closed)` : ''
  return `${owner.name} opened connections to ${address}:${port} from ${used} of ${ports} local ports within minutes${state}`
}

interface Line {
  readonly log: ContainerLog
  readonly template: LogTemplate
}

const HERE = ['localhost', '127.', '0.0.0.0', '[']

/** The same error comes without a target where a program listens, of loopback where it calls itself, and of IPv6 where the pod has none. */
function isExhausted({ classes, targets }: LogTemplate): boolean {
  return classes.includes('no-ports') && targets.some((target) => !HERE.some((start) => target.startsWith(start)))
}

function workloadOf(incident: Incident, { namespace, pod }: ContainerLog): Ref {
  return incident.topOf({ kind: 'Pod', namespace, name: pod })
}

function describe(incident: Incident, subject: Ref, lines: readonly Line[], count: number): Finding {
  const pods = lines.flatMap(
    ({ log }) => incident.podOf({ kind: 'Pod', namespace: log.namespace, name: log.pod }) ?? [],
  )
  const last = Math.max(...lines.map(({ template }) => template.last ?? incident.now))
  const isNow = last >= incident.now - NOW_MS || pods.some((pod) => isStuck(incident, pod))
  const targets = [...new Set(lines.flatMap(({ template }) => template.targets))]
  const use = mostUsed(incident, pods)
  const isSeen = use !== undefined && isNearlyAll(use)
  const against = last >= incident.start - KEPT_MS ? againstOf(use) : []
  return {
    kind: 'cause',
    subject,
    strength: isNow && isSeen ? 'proof' : isNow && against.length === 0 ? 'strong' : 'weak',
    from: earliest(lines.map(({ template }) => template.first)),
    to: last,
    says: `${subject.name} had no local port left ${count} times, for connections to ${targets.slice(0, 3).join(', ')}${isSeen ? `; ${tellUse(use)}` : ''}.`,
    cites: atLeastOne([
      ...lines
        .slice(0, 3)
        .map(({ log, template }) => citeLine(log.summary.path, template.example.line, template.example.text)),
      ...(isSeen ? use.cites : []),
    ]),
    against,
    affects: sufferersOf(incident, pods),
  }
}

/** The pod that comes nearest to its last port. */
function mostUsed(incident: Incident, pods: readonly Pod[]): PortUse | undefined {
  const uses = pods.flatMap((pod) => mostPortsOf(incident, pod) ?? [])
  return uses.toSorted((a, b) => b.used / b.ports - a.used / a.ports)[0]
}

/** Where many ports are free, the words have another meaning: an address that the pod does not have. */
function againstOf(use: PortUse | undefined): readonly Claim[] {
  if (!use || use.used >= ENOUGH * use.ports) return []
  return [{ says: `To no target it has more: ${tellUse(use)}.`, cites: atLeastOne(use.cites) }]
}
