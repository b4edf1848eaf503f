import { citeLine } from '../citation.ts'
import type { ContainerLog } from '../container-log.ts'
import type { Dependency } from '../dependency.ts'
import type { Incident } from '../incident.ts'
import type { LogClass, LogTemplate } from '../logs/log-summary.ts'
import { type Ref, uniqueRefs } from '../reference.ts'
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
]

/** A lookup fails for want of a name, or for want of its name server: these mean the latter. */
const UNANSWERED: readonly LogClass[] = ['timeout', 'connection-refused', 'no-route']

/** What logs say of failing calls: to the hosts that they name, and to name servers that did not answer. */
export function* findFailedCalls(incident: Incident, names: Names): Generator<Dependency> {
  for (const log of incident.logs) {
    const from = incident.topOf({ kind: 'Pod', namespace: log.namespace, name: log.pod })
    for (const template of log.summary.templates) {
      if (!template.classes.some((one) => FAILURES.includes(one))) continue
      for (const to of calledBy(template, log.namespace, names)) yield describe(from, to, log, template)
    }
  }
}

function calledBy(template: LogTemplate, namespace: string, names: Names): readonly Ref[] {
  const isUnanswered =
    template.classes.includes('dns-failure') && template.classes.some((one) => UNANSWERED.includes(one))
  const targets = isUnanswered ? [...template.targets, ...template.resolvers] : template.targets
  return uniqueRefs(
    targets
      .map(splitTarget)
      .map(({ host, port }) => names.resolve(host, port, namespace))
      .filter((ref) => ref !== undefined),
  )
}

function describe(from: Ref, to: Ref, { container, pod, summary }: ContainerLog, template: LogTemplate): Dependency {
  const { example, count, classes } = template
  return {
    from,
    to,
    by: 'log',
    failing: true,
    first: template.first,
    says: `Container ${container} of ${pod} logged ${count} failed calls (${classes.join(', ')}).`,
    cites: [citeLine(summary.path, example.line, example.text)],
  }
}
