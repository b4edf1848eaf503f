import { atLeastOne, type Citation, citeLine } from '../../incident/citation.ts'
import { callsTo } from '../../incident/endpoints.ts'
import { NO_ANSWER } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LogTemplate } from '../../incident/logs/log-summary.ts'
import { recognise } from '../../incident/messages/index.ts'
import { isHealthy } from '../../incident/pod.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, latest, shorten, tellNames } from '../../incident/telling.ts'
import { erringCallers, harmedWith, STILL_LOGGED } from '../erring-callers.ts'
import { hasBegun } from '../onset.ts'
import { MANY_LINES } from '../outbreak.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A program that is up, and fails on what it is asked: the first of those who pass its error on. */
export const failingRequests: Rule<'failing-requests'> = {
  id: 'failing-requests',
  title: 'A program fails on what it is asked, and its callers with it',
  domain: 'workload',
  needs: ['pods', 'logs'],
  helps: ['services'],
  explains: ['errors', 'slow', 'job-failing'],
  explain: {
    mechanism:
      'A bug, a feature that was switched on, or data that it does not expect makes a program fail on requests while its probes succeed. It answers with an error, its callers pass that on, and so do theirs: the same words stand in the logs of all, and the loudest is the one that users meet first.',
    proof: [
      'A workload whose pods are well logs an error of its own, not of a call to another one, often and until now.',
      'The same words, or failed answers that name its Service, stand in the logs of those who call it; it calls nobody who logs them.',
      'The log goes on for a while before the first of them.',
    ],
    lookAlikes: [
      'dependency-down: the error is of a call that gets no answer.',
      'datastore-refusal: the error is the answer of a database.',
      'config-change-broke-app, bad-rollout: the program does not stay up.',
    ],
    mitigate: [
      {
        says: 'Read the error with its stack.',
        command: 'kubectl logs -n {namespace} {kind}/{name} --tail=200',
        changes: false,
      },
      { says: 'Take back what was changed last: the release, the feature, the data.', changes: true },
    ],
    fix: [
      'Let callers go on without it where they can; test the error path; alert on the rate of failed answers by service.',
    ],
    links: ['https://sre.google/sre-book/monitoring-distributed-systems/'],
  },
  *evaluate(incident) {
    const failures = incident.workloads.flatMap(({ ref }) => failureOf(incident, ref) ?? [])
    for (const failure of failures) {
      const echoes = failures.filter((one) => one !== failure && repeats(one, failure))
      const others = uniqueRefs([...echoes.map(({ workload }) => workload), ...failure.told])
      if (others.length === 0) continue
      const deeper = failures.find((one) => isDeeper(one, failure))
      if (deeper) yield reject(failure.workload, `It passes on what ${describeRef(deeper.workload)} answers.`)
      else yield describe(incident, failure, others)
    }
  },
}

/** An error of its own that a workload logs often and until now, with the words by which others repeat it. */
interface Failure {
  readonly workload: Ref
  readonly template: LogTemplate
  readonly citation: Citation
  readonly runs: ReadonlySet<string>
  /** Workloads that tell of failed answers of its Service. */
  readonly told: readonly Ref[]
  /** Who calls it, by however many between that fail as well. */
  readonly above: ReadonlySet<string>
  readonly hasBegun: boolean
}

function failureOf(incident: Incident, workload: Ref): Failure | undefined {
  const pods = incident.workloadOf(workload)?.pods ?? []
  if (pods.length === 0 || !pods.every(isHealthy)) return undefined
  const own = pods
    .flatMap(({ ref }) => incident.logsOf(ref))
    .flatMap(({ summary }) => summary.templates.map((template) => ({ summary, template })))
    .filter(({ template }) => isOwnError(incident, template))
    .sort((a, b) => b.template.count - a.template.count)[0]
  if (!own) return undefined
  const { summary, template } = own
  return {
    workload,
    template,
    citation: citeLine(summary.path, template.example.line, template.example.text),
    runs: runsOf(template.example.text),
    told: tellingOf(incident, workload),
    above: new Set(erringCallers(incident, [workload]).map(keyOf)),
    hasBegun: hasBegun({ begin: summary.first, first: template.first, last: template.last, count: template.count }),
  }
}

/** What names whom it called is the error of another one. */
function isOwnError(
  incident: Incident,
  { level, classes, count: times, last, example, targets }: LogTemplate,
): boolean {
  if (level !== 'error' && level !== 'fatal') return false
  if (times < MANY_LINES || (last !== undefined && last < incident.start - STILL_LOGGED)) return false
  return (
    targets.length === 0 &&
    !classes.some((one) => NO_ANSWER.has(one)) &&
    recognise(example.text, '').every(({ id }) => id === 'feature-flag-on')
  )
}

/** So many words in a row are no chance. */
const SAME = 5

/** Every run of words of a text; letters alone, so that numbers, quotes and marks do not hide that words are the same. */
function runsOf(text: string): ReadonlySet<string> {
  const words = text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '' && !BOILERPLATE.has(word))
  return new Set(words.slice(SAME - 1).map((_, index) => words.slice(index, index + SAME).join(' ')))
}

/** Whether one says what the other says. */
function repeats(one: Failure, other: Failure): boolean {
  for (const run of other.runs) if (one.runs.has(run)) return true
  return false
}

/** What formats and protocols put around every error. */
const BOILERPLATE: ReadonlySet<string> = new Set(
  'rpc error code desc unknown internal level msg message time err type stack info warn exception status detail name service severity trace span id'.split(
    ' ',
  ),
)

/** Workloads whose failed answers name a Service of this one. */
function tellingOf(incident: Incident, workload: Ref): readonly Ref[] {
  return callsTo(incident, incident.workloadOf(workload)?.pods ?? [])
    .filter(({ failing, classes = [] }) => failing && classes.includes('server-error'))
    .map(({ from }) => from)
}

/** Whether one is nearer to the origin than the other: called by it, or wrapped by it where nobody tells who calls whom. */
function isDeeper(one: Failure, other: Failure): boolean {
  const isTold = one.told.some((ref) => keyOf(ref) === keyOf(other.workload))
  const isRepeated = repeats(other, one)
  if (!isTold && !isRepeated) return false
  if (other.above.has(keyOf(one.workload))) return false
  if (one.above.has(keyOf(other.workload))) return true
  return isRepeated && one.runs.size < other.runs.size
}

function describe(incident: Incident, failure: Failure, others: readonly Ref[]): Finding {
  const { workload, template, citation, hasBegun } = failure
  const above = uniqueRefs([...others, ...erringCallers(incident, [workload])]).filter(
    (ref) => keyOf(ref) !== keyOf(workload),
  )
  return {
    kind: 'cause',
    subject: workload,
    strength: hasBegun ? 'strong' : 'weak',
    from: earliest([template.first]),
    to: latest([template.last]),
    says: `${describeRef(workload)} fails on requests though its pods are well (${template.count} times: "${shorten(template.example.text)}"), and ${count(above.length, 'workload')} (${tellNames(above.map(({ name }) => name))}) fail with it.`,
    cites: atLeastOne([citation]),
    affects: harmedWith(incident, [workload, ...above]),
  }
}
