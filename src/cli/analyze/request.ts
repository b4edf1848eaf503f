import type { AnalyzeOptions } from '../../rca/analyze.ts'
import { invalidOption } from '../parse/invalid.ts'
import { parseTimeOrAgo } from '../parse/time.ts'
import { parseObject } from './focus.ts'

export type AnalyzeFormat = 'text' | 'md' | 'json'

/** The command line of `analyze` as commander hands it over. */
export interface AnalyzeFlags {
  readonly format?: AnalyzeFormat
  readonly output?: string
  readonly force?: boolean
  readonly why?: boolean
  readonly whyNot?: string
  readonly timeline?: boolean
  readonly focus?: string
  readonly from?: string
  readonly to?: string
  readonly failOn?: 'confirmed' | 'probable' | 'possible'
  readonly check?: string
  readonly tmpDir?: string
}

/** The format that was asked for, or that the ending of the output's name says. */
export function readFormat({ format, output = '' }: AnalyzeFlags): AnalyzeFormat {
  if (format !== undefined) return format
  if (output.endsWith('.json')) return 'json'
  return output.endsWith('.md') ? 'md' : 'text'
}

/** What the analysis is narrowed to; durations count back from the end of the capture. Throws OPTION_INVALID. */
export function readNarrowing(
  { focus, from, to }: AnalyzeFlags,
  end: Date,
): Pick<AnalyzeOptions, 'focus' | 'from' | 'to'> {
  const times = {
    ...(from === undefined ? {} : { from: parseTimeOrAgo('--from', from, end).getTime() }),
    ...(to === undefined ? {} : { to: parseTimeOrAgo('--to', to, end).getTime() }),
  }
  if (from !== undefined && times.from !== undefined && times.to !== undefined && times.from > times.to)
    throw invalidOption('--from', from, 'is later than --to', 'Give the earlier time to --from.')
  return { ...(focus === undefined ? {} : { focus: parseObject('--focus', focus) }), ...times }
}
