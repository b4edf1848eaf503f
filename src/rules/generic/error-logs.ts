import { atLeastOne, type Citation, citeLine } from '../../incident/citation.ts'
import type { ContainerLog } from '../../incident/container-log.ts'
import type { Incident } from '../../incident/incident.ts'
import { RECENT } from '../../incident/lately.ts'
import type { LogTemplate } from '../../incident/logs/log-summary.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, latest } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Failures that programs log: calls that fail, refusals, panics. */
export const errorLogs: Rule<'error-logs'> = {
  id: 'error-logs',
  title: 'Programs log failures',
  domain: 'generic',
  needs: ['logs'],
  explains: [],
  explain: symptomExplanation(
    'A program says that something failed. Many programs always say something; it counts for little by itself.',
    'Lines of level error or fatal, or of a class that means failure, within the last hour.',
  ),
  *evaluate(incident) {
    const logs = incident.logs.filter((log) => failuresOf(incident, log).length > 0)
    const groups = Map.groupBy(logs, ({ namespace, pod }) =>
      keyOf(incident.topOf({ kind: 'Pod', namespace, name: pod })),
    )
    for (const [, members] of groups) yield describe(incident, members)
  },
}

interface Failure {
  readonly template: LogTemplate
  readonly citation: Citation
}

function failuresOf({ start }: Incident, { summary }: ContainerLog): Failure[] {
  return summary.templates
    .filter(({ level, last }) => (level === 'fatal' || level === 'error') && (last ?? start) >= start - RECENT)
    .sort((a, b) => rank(b) - rank(a) || a.example.line - b.example.line)
    .map((template) => ({ template, citation: citeLine(summary.path, template.example.line, template.example.text) }))
}

/** What is fatal or names its kind of failure first, then what is said most. */
function rank({ level, classes, count }: LogTemplate): number {
  return (level === 'fatal' ? 1e9 : 0) + (classes.length > 0 ? 1e8 : 0) + Math.min(count, 1e7)
}

function describe(incident: Incident, logs: readonly ContainerLog[]): Finding {
  const refs = uniqueRefs(logs.map(({ namespace, pod }): Ref => ({ kind: 'Pod', namespace, name: pod })))
  const failures = logs.flatMap((log) => failuresOf(incident, log)).sort((a, b) => rank(b.template) - rank(a.template))
  const times = failures.reduce((sum, { template }) => sum + template.count, 0)
  const top = incident.topOf(refs[0] as Ref)
  return {
    kind: 'symptom',
    symptom: 'errors',
    subject: top,
    strength: 'strong',
    from: earliest(failures.map(({ template }) => template.first)),
    lastFrom: latest(failures.map(({ template }) => template.first)),
    says: `${top.name} logs failures (${count(times, 'line')}): ${failures[0]?.template.example.text.slice(0, 200)}`,
    cites: atLeastOne(failures.slice(0, 3).map(({ citation }) => citation)),
    affects: refs,
  }
}
