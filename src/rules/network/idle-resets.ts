import type { Citations } from '../../incident/citation.ts'
import { atLeastOne, citeLine } from '../../incident/citation.ts'
import type { ContainerLog } from '../../incident/container-log.ts'
import type { Incident } from '../../incident/incident.ts'
import { isError } from '../../incident/logs/is-error.ts'
import { readLevel } from '../../incident/logs/level.ts'
import type { LogTemplate } from '../../incident/logs/log-summary.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { earliest, latest } from '../../incident/telling.ts'
import { triesAgain } from '../../incident/tries-again.ts'
import type { Finding } from '../rule.ts'

/** NAT gateways, NLBs and, on Nitro v6, network interfaces forget an idle connection after 350 s (AWS documentation of each). */
export const IDLE_MS = 350_000

/** Fewer show no pattern. */
const FEWEST = 3

/** Errors that come back this often are more than what programs that talk to the world have on any day. */
const MANY = 4

/** Connections of one pool die together, when it is used again. */
const TOGETHER_MS = 60_000

/** What was reset last longer ago than an API server keeps events (`--event-ttl`, 1 h) is over. */
const OVER_MS = 60 * 60_000

/** Resets of a workload that each follow a long silence, as those of forgotten connections do. */
export interface IdleResets {
  readonly workload: Ref
  readonly first: number | undefined
  readonly last: number | undefined
  readonly pods: readonly Pod[]
  readonly targets: readonly string[]
  readonly count: number
  /** Whether they are errors, and many: a few of them are ordinary. */
  readonly isMarked: boolean
  /** Whether the program did its work within moments of each of them: what it calls is there, and only the old connection was not. */
  readonly goesOn: boolean
  readonly cites: Citations
}

interface Line {
  readonly log: ContainerLog
  readonly template: LogTemplate
}

/** Finds workloads whose calls, to targets that are meant, are reset at intervals longer than the idle timeout, and in no other way. */
export function idleResets(
  incident: Incident,
  isMeant: (target: string, log: ContainerLog) => boolean,
): readonly IdleResets[] {
  const found = incident.logs.flatMap((log) =>
    log.summary.templates
      .filter((template) => isReset(template) && targetsOf(template).some((one) => isMeant(one, log)))
      .map((template) => ({ log, template })),
  )
  const groups = Map.groupBy(found, ({ log }) => keyOf(incident.topOf(podOf(log))))
  return [...groups.values()]
    .filter((lines) => lines.some(isPattern) && lines.every((one) => isPattern(one) || one.template.count < FEWEST))
    .map((lines) => read(incident, lines))
    .filter(({ last }) => last === undefined || last >= incident.now - OVER_MS)
}

function isReset({ classes }: LogTemplate): boolean {
  return classes.includes('connection-reset') && !classes.includes('timeout') && !classes.includes('connection-refused')
}

function targetsOf({ targets }: LogTemplate): readonly string[] {
  return targets.length === 0 ? [''] : targets
}

function podOf({ namespace, pod }: ContainerLog): Ref {
  return { kind: 'Pod', namespace, name: pod }
}

/** Every time is kept only while there are few: of many the silences are not known. */
function isPattern({ template: { times, count } }: Line): boolean {
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at))
  const silences = gaps.filter((gap) => gap > TOGETHER_MS)
  return times.length >= count && silences.length >= FEWEST - 1 && silences.every((gap) => gap >= IDLE_MS)
}

function read(incident: Incident, lines: readonly Line[]): IdleResets {
  const templates = lines.map(({ template }) => template)
  const pods = lines.map(({ log }) => incident.podOf(podOf(log))).filter((pod) => pod !== undefined)
  return {
    workload: incident.topOf(podOf((lines[0] as Line).log)),
    first: earliest(templates.map(({ first }) => first)),
    last: latest(templates.map(({ last }) => last)),
    pods: [...new Set(pods)],
    targets: [...new Set(templates.flatMap(({ targets }) => targets))].slice(0, 3),
    count: templates.reduce((sum, { count }) => sum + count, 0),
    isMarked: templates.some((one) => isError(one) && one.count >= MANY),
    goesOn: lines.every(goesOn),
    cites: atLeastOne(
      lines
        .slice(0, 3)
        .map(({ log, template }) => citeLine(log.summary.path, template.example.line, template.example.text)),
    ),
  }
}

/** A client that was reset connects anew at once, or after a pause of seconds. */
const ANEW_MS = 15_000

/** Whether the last lines of the log tell soon after each reset of something that went well; at least twice, because once is chance. */
function goesOn({ log: { summary }, template }: Line): boolean {
  const well = summary.tail.filter(({ text }) => readLevel(text) === 'info' && !triesAgain(text))
  const resets = template.times.filter((at) => at >= (summary.tail[0]?.at ?? Infinity))
  const isWellAfter = (reset: number) => well.some(({ at = 0 }) => at >= reset && at <= reset + ANEW_MS)
  return resets.length >= FEWEST - 1 && resets.every(isWellAfter)
}

/** What the finding of each rule about such resets has in common. */
export function tellResets(
  incident: Incident,
  { workload, first, last, pods, isMarked, goesOn, cites }: IdleResets,
): Omit<Finding, 'says'> {
  return {
    kind: isMarked ? 'cause' : 'risk',
    subject: workload,
    strength: isMarked && goesOn ? 'strong' : 'weak',
    from: first,
    to: last,
    cites,
    affects: sufferersOf(incident, pods),
  }
}
