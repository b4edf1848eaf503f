import { Refusal } from '../refusal.ts'
import { describeNoInteger, readInt64 } from '../selectors/integer.ts'
import { quote } from '../selectors/quote.ts'
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
  const sinceSeconds = read(query, 'sinceSeconds', parseInteger)
  const sinceTime = read(query, 'sinceTime', parseTime)
  const tailLines = read(query, 'tailLines', parseInteger)
  const limitBytes = read(query, 'limitBytes', parseInteger)
  const faults = [
    ...(tailLines !== undefined && tailLines < 0 ? [negative('tailLines', tailLines)] : []),
    ...(limitBytes !== undefined && limitBytes < 1 ? [notPositive('limitBytes', limitBytes)] : []),
    ...faultsOfSince(sinceSeconds, sinceTime),
    // The server knows streams only behind a feature gate that is off by default (PodLogsQuerySplitStreams, KEP-3288).
    ...(query.has('stream') ? [{ field: 'stream', type: FORBIDDEN, message: 'Forbidden: may not be specified' }] : []),
  ]
  if (faults.length > 0) throw refuse(pod, faults)
  return {
    container: query.get('container') || undefined,
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    tailLines: toNumber(tailLines),
    limitBytes: toNumber(limitBytes),
    sinceSeconds: toNumber(sinceSeconds),
    sinceTime,
  }
}

/** Of a parameter that is there twice, the first counts. */
function read<T>(query: URLSearchParams, name: string, parse: (text: string) => T): T | undefined {
  const text = query.get(name)
  return text === null ? undefined : parse(text)
}

function parseInteger(text: string): bigint {
  const value = readInt64(text)
  if (value === undefined) throw new Refusal(400, 'BadRequest', describeNoInteger('ParseInt', text))
  return value
}

/** Anything but these two words is true, an empty value too (apimachinery, Convert_Slice_string_To_bool). */
function isTrue(text: string | null): boolean {
  return text !== null && text !== '0' && text.toLowerCase() !== 'false'
}

/** Beyond 2^53 a count is more than any log has. */
function toNumber(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}

/** What is wrong with one field: a cause of the Status. */
interface Fault {
  readonly field: string
  readonly type: string
  readonly message: string
}

const INVALID = 'FieldValueInvalid'
const FORBIDDEN = 'FieldValueForbidden'

function negative(field: string, value: bigint): Fault {
  return { field, type: INVALID, message: `Invalid value: ${value}: must be greater than or equal to 0` }
}

function notPositive(field: string, value: bigint): Fault {
  return { field, type: INVALID, message: `Invalid value: ${value}: must be greater than 0` }
}

function faultsOfSince(seconds: bigint | undefined, time: number | undefined): Fault[] {
  if (seconds === undefined) return []
  if (time !== undefined) {
    const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'
    // This is how the server prints a path of no field.
    return [{ field: '[]', type: FORBIDDEN, message }]
  }
  return seconds < 1 ? [notPositive('sinceSeconds', seconds)] : []
}

function refuse(pod: string, faults: readonly Fault[]): Refusal {
  const words = faults.map(({ field, message }) => `${field}: ${message}`)
  const message = `PodLogOptions ${quote(pod)} is invalid: ${words.length === 1 ? words[0] : `[${words.join(', ')}]`}`
  const causes = faults.map(({ field, type, message }) => ({ reason: type, message, field }))
  return new Refusal(422, 'Invalid', message, { name: pod, kind: 'PodLogOptions', causes })
}
