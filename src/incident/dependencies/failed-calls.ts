import { citeLine } from '../citation.ts'
import type { ContainerLog } from '../container-log.ts'
import type { Dependency } from '../dependency.ts'
import type { Incident } from '../incident.ts'
import type { LogClass, LogTemplate } from '../logs/log-summary.ts'
import { isHealthy } from '../pod.ts'
import { keyOf, type Ref } from '../reference.ts'
import { type Names, splitTarget } from './names.ts'

/** What a line says that a call did not succeed with. */
const FAILURES: readonly LogClass[] = [
  'connection-refused',
  'connection-reset',
  'timeout',
  'no-route',
  'dns-failure',
  'tls-failure',
  'certificate-expired',
  'authentication-failed',
  'unavailable',
  'server-error',
]

/** A lookup fails for want of a name, or for want of its name server: these mean the latter. */
const UNANSWERED: readonly LogClass[] = ['timeout', 'connection-refused', 'no-route']

/** Calls that failed this lately fail still: clients try again within minutes. */
const RECENT_MS = 15 * 60_000

/** A container that crashes may write its last line this long before the capture (the kubelet backs off for 5 min, a probe may wait). */
const LATELY_MS = 2 * 3600_000

/** What logs say of failing calls: to the hosts that they name, and to name servers that did not answer. */
export function* findFailedCalls(incident: Incident, names: Names): Generator<Dependency> {
  for (const log of incident.logs) {
    const from = incident.topOf({ kind: 'Pod', namespace: log.namespace, name: log.pod })
    for (const template of log.summary.templates) {
      if (template.classes.includes('slow-start-waiting')) yield* findAwaited(incident, log, template, names)
      if (!template.classes.some((one) => FAILURES.includes(one))) continue
      for (const { to, ports } of calledBy(template, log.namespace, names))
        yield describe(from, to, ports, log, template, isFailing(incident, log, template))
    }
  }
}

/** `until nslookup db; do echo waiting for db; done`, as the documentation of init containers has it. */
const AWAITED =
  /\bwaiting (?:\d{1,6} seconds )?(?:for|on) (?:the )?(?:service |host |database )?["'`]?([a-z0-9][a-z0-9.-]{0,252})/i

/** What an init container waits for in its own words until now, where that is a Service. */
function* findAwaited(
  incident: Incident,
  log: ContainerLog,
  template: LogTemplate,
  names: Names,
): Generator<Dependency> {
  const pod = incident.podOf({ kind: 'Pod', namespace: log.namespace, name: log.pod })
  const container = pod?.containers.find(({ name }) => name === log.container)
  if (!pod || container?.role !== 'init' || container.state.kind !== 'running' || log.previous) return
  const to = names.serviceOf((AWAITED.exec(template.lastLine.text)?.[1] ?? '').replace(/\.$/, ''), log.namespace)
  if (to) yield describe(pod.workload, to, [], log, { ...template, classes: ['unavailable'] }, true)
}

/** Calls that failed long ago and never again are how things start; of a pod that is not well, the last ones count whenever they were. */
function isFailing(incident: Incident, { namespace, pod }: ContainerLog, { last }: LogTemplate): boolean {
  if (last === undefined || last >= incident.now - RECENT_MS) return true
  const caller = incident.podOf({ kind: 'Pod', namespace, name: pod })
  return caller !== undefined && !isHealthy(caller) && last >= incident.now - LATELY_MS
}

function calledBy(
  template: LogTemplate,
  namespace: string,
  names: Names,
): readonly { readonly to: Ref; readonly ports: readonly number[] }[] {
  const isUnanswered =
    template.classes.includes('dns-failure') && template.classes.some((one) => UNANSWERED.includes(one))
  const targets = isUnanswered ? [...template.targets, ...template.resolvers] : template.targets
  if (targets.length === 0 && template.classes.includes('dns-failure'))
    return names.dns.map((to) => ({ to, ports: [53] }))
  const called = targets.map(splitTarget).flatMap(({ host, port }) => {
    const to = names.resolve(host, port, namespace)
    return to ? [{ to, port }] : []
  })
  return [...Map.groupBy(called, ({ to }) => keyOf(to)).values()].map((same) => ({
    to: (same[0] as { to: Ref }).to,
    ports: same.map(({ port }) => port).filter((port) => port !== undefined),
  }))
}

function describe(
  from: Ref,
  to: Ref,
  ports: readonly number[],
  { container, pod, summary }: ContainerLog,
  template: LogTemplate,
  failing: boolean,
): Dependency {
  const { example, count, classes } = template
  return {
    from,
    to,
    by: 'log',
    failing,
    first: failing ? template.first : undefined,
    last: template.last,
    classes,
    ports,
    says: `Container ${container} of ${pod} logged ${count} failed calls (${classes.join(', ')}).`,
    cites: [citeLine(summary.path, example.line, example.text)],
  }
}
