import type { ContainerLog } from '../incident/container-log.ts'
import type { Incident } from '../incident/incident.ts'
import type { LogSummary, LogTemplate } from '../incident/logs/log-summary.ts'
import { earliest, latest } from '../incident/telling.ts'
import { hasBegun } from './onset.ts'

/**
 * How a log shows that what it repeats is an incident, and not what this program always says. begun: it was long silent about it before. fills:
 * the log begins inside the incident, and says little else.
 */
export type Outbreak = 'begun' | 'fills'

/**
 * Whether failures of one kind in a log are an incident. Every busy program has calls that fail: they are spread over its log since the log began,
 * come every so many minutes, are few among its lines, and a retry mends them. Of an incident nothing mends the next call: from its onset on the
 * failures come as fast as calls do, without a pause, are a large part of what is said, and go on until the capture. A log that was rotated, or of
 * a program that was started meanwhile, shows no onset; then the share must carry it alone and be larger. A log that shows hours of the same is
 * how this program lives, whatever the share. What a Job or an init container waited for before it ended well is over.
 */
export function outbreakOf(
  incident: Incident,
  log: ContainerLog,
  failures: readonly LogTemplate[],
): Outbreak | undefined {
  const { summary } = log
  const run = readRun(failures)
  if (!run || !isSteady(incident, run) || hasEndedWell(incident, log)) return undefined
  const said = summary.lines - summary.frames
  const begin = summary.first ?? run.first
  if (hasBegun({ ...run, begin }) && run.first >= incident.start - NEWS)
    return run.count >= SOME * linesSince(run.first, summary) ? 'begun' : undefined
  return begin >= incident.start - HOURS && run.count >= MOST * said ? 'fills' : undefined
}

/** Fewer failed calls of a program that is well are what programs have now and then. */
export const MANY_LINES = 10

/** Judgement: one call in ten is felt by users; half of all lines is more than a program that works has to complain of. */
const SOME = 0.1
const MOST = 0.5

/** What has been so for a day is no news (judgement; rca/standing.ts takes the day too). */
export const NEWS = 24 * 60 * 60 * 1000

/** What a log has said for hours was there before people asked (judgement). */
const HOURS = 3 * 60 * 60 * 1000

/** As fast as calls come: once a minute is the slowest probe or poll that people set (judgement). */
const OFTEN = 60 * 1000

/** Programs fail for a moment whenever something that they call is replaced: a Deployment moves on within three minutes. */
const LASTING = 3 * 60 * 1000

/** A pause of this length, of five times what is usual, or such an end, is not steady (lengths as in onset.ts, of the times that were kept). */
const PAUSE = 5 * 60 * 1000
const PAUSES = 5

function hasEndedWell(incident: Incident, { namespace, pod: name, container }: ContainerLog): boolean {
  const pod = incident.podOf({ kind: 'Pod', namespace, name })
  const state = pod?.containers.find((one) => one.name === container)?.state
  return state?.kind === 'terminated' && state.exitCode === 0
}

/** Failures as one: how many, from when to when. */
interface Run {
  readonly count: number
  readonly first: number
  readonly last: number
  readonly times: readonly number[]
}

function readRun(failures: readonly LogTemplate[]): Run | undefined {
  const first = earliest(failures.map((one) => one.first))
  const last = latest(failures.map((one) => one.last))
  if (first === undefined || last === undefined) return undefined
  const count = failures.reduce((sum, one) => sum + one.count, 0)
  return { count, first, last, times: failures.flatMap(({ times }) => times).sort((a, b) => a - b) }
}

function isSteady({ start }: Incident, { count, first, last, times }: Run): boolean {
  const length = last - first
  if (count < MANY_LINES || length < LASTING || length > count * OFTEN || last < start - PAUSE) return false
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? at))
  return Math.max(0, ...pauses) <= Math.max(PAUSE, (PAUSES * length) / Math.max(1, times.length - 1))
}

/** How many lines the log has had since, if it always had as many. */
function linesSince(first: number, { lines, frames, first: begin, last: end }: LogSummary): number {
  if (begin === undefined || end === undefined || end <= begin) return lines - frames
  return ((lines - frames) * (end - first)) / (end - begin)
}
