import { readExactInteger, readFlag } from '../query.ts'
import { invalid } from '../selectors/bad-query.ts'
import { type FieldProblem, forbidden, invalidValue } from '../selectors/field-problem.ts'
import { parseTime } from './time.ts'

/** What is asked of a log. */
export interface LogQuery {
  /** Undefined where the pod is to have only one. */
  readonly container: string | undefined
  readonly previous: boolean
  readonly timestamps: boolean
  readonly tailLines: number | undefined
  readonly limitBytes: number | undefined
  /** Only lines younger than so many seconds before now. */
  readonly sinceSeconds: number | undefined
  /** Only lines from this time on, in milliseconds. */
  readonly sinceTime: number | undefined
}

/**
 * Normalises the query of `…/pods/NAME/log`. Refuses what the API server refuses, in its words: what cannot be read first, then what may
 * not be (kubernetes, ValidatePodLogOptions). `follow` is read over: a log of the past has ended. So is `insecureSkipTLSVerifyBackend`.
 */
export function parseLogQuery(query: URLSearchParams, pod: string): LogQuery {
  const sinceSeconds = readExactInteger(query, 'sinceSeconds')
  const sinceTime = readTime(query, 'sinceTime')
  const tailLines = readExactInteger(query, 'tailLines')
  const limitBytes = readExactInteger(query, 'limitBytes')
  const problems = [
    ...(tailLines !== undefined && tailLines < 0
      ? [invalidValue('tailLines', tailLines, 'must be greater than or equal to 0')]
      : []),
    ...(limitBytes !== undefined && limitBytes < 1
      ? [invalidValue('limitBytes', limitBytes, 'must be greater than 0')]
      : []),
    ...problemsOfSince(sinceSeconds, sinceTime),
    // The server knows streams only behind a feature gate that is off by default (PodLogsQuerySplitStreams, KEP-3288).
    ...(query.has('stream') ? [forbidden('stream', 'may not be specified')] : []),
  ]
  if (problems.length > 0) throw invalid('', 'PodLogOptions', pod, problems)
  return {
    container: query.get('container') || undefined,
    previous: readFlag(query, 'previous') ?? false,
    timestamps: readFlag(query, 'timestamps') ?? false,
    tailLines: toNumber(tailLines),
    limitBytes: toNumber(limitBytes),
    sinceSeconds: toNumber(sinceSeconds),
    sinceTime,
  }
}

/** Of a parameter that is there twice, the first counts. */
function readTime(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  return text === null ? undefined : parseTime(text)
}

/** Beyond 2^53 a count is more than any log has. */
function toNumber(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}

function problemsOfSince(seconds: bigint | undefined, time: number | undefined): readonly FieldProblem[] {
  if (seconds === undefined) return []
  // `[]` is how the server prints a path of no field.
  if (time !== undefined) return [forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified')]
  return seconds < 1 ? [invalidValue('sinceSeconds', seconds, 'must be greater than 0')] : []
}
