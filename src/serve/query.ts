import { badRequest, invalid, unforeseen } from './selectors/bad-query.ts'
import { type FieldProblem, forbidden, invalidValue, unsupportedValue } from './selectors/field-problem.ts'
import { type FieldTerm, parseFieldSelector } from './selectors/fields.ts'
import { describeNoInteger, readInt64, readUint64 } from './selectors/integer.ts'
import { parseLabelSelector } from './selectors/labels.ts'
import type { LabelMatch } from './selectors/requirement.ts'

/** What a list or a watch asks for. */
export interface ListQuery {
  /** `everything` where no label is asked for. */
  readonly labels: LabelMatch
  /** Which fields there are depends on the resource: `checkFieldTerms` says whether it has these. */
  readonly fields: readonly FieldTerm[]
  readonly watch: boolean
  readonly allowWatchBookmarks: boolean
  /** A watch from no version or from "0" begins with the state, whether it says so or not. */
  readonly sendInitialEvents: boolean | undefined
  /** '' or an unsigned integer; '' is the newest state, '0' any. */
  readonly resourceVersion: string
  readonly resourceVersionMatch: VersionMatch
  /** How many objects at most; 0 is all of them. */
  readonly limit: number
  /** '' begins at the beginning. */
  readonly continue: string
  /** Seconds until a watch ends; undefined leaves it to the server, a negative number ends it at once. */
  readonly timeoutSeconds: number | undefined
  /** Undefined leaves it to the user agent: curl, Wget and browsers get indented JSON. */
  readonly pretty: boolean | undefined
}

/** How a list takes its version; in the order of the server's messages. */
const MATCHES = ['Exact', 'NotOlderThan', ''] as const
export type VersionMatch = (typeof MATCHES)[number]

/** The parameters behind the question mark as Go's net/url takes them: a semicolon or a broken escape costs the pair it stands in. */
export function readQuery(search: string): URLSearchParams {
  const pairs = search.split('&').filter((pair) => !/;|%(?![\da-f]{2})/i.test(pair))
  return new URLSearchParams(pairs.join('&'))
}

/**
 * Reads the parameters of a list or a watch as the API server does (apiserver, endpoints/handlers/get.go): of a parameter that is given twice
 * the first counts, unknown ones do not. Throws Refusal.
 */
export function parseListQuery(query: URLSearchParams): ListQuery {
  const given = {
    watch: readFlag(query, 'watch') ?? false,
    allowWatchBookmarks: readFlag(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: readFlag(query, 'sendInitialEvents'),
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    timeoutSeconds: readInteger(query, 'timeoutSeconds') || undefined,
    limit: Math.max(readInteger(query, 'limit') ?? 0, 0),
    continue: query.get('continue') ?? '',
    pretty: readPretty(query),
    labels: parseLabelSelector(query.get('labelSelector') ?? ''),
    fields: parseFieldSelector(query.get('fieldSelector') ?? ''),
  }
  const completed = { ...given, ...initialEvents(given) }
  const problems = completed.watch ? describeBadWatch(completed) : describeBadList(completed)
  const { resourceVersionMatch } = completed
  // What is no match is among the problems.
  if (problems.length > 0 || !isMatch(resourceVersionMatch)) throw invalid('meta.k8s.io', 'ListOptions', '', problems)
  checkVersion(completed)
  return { ...completed, resourceVersionMatch }
}

/** Reads the parameters of a get. Throws Refusal. */
export function parseGetQuery(query: URLSearchParams): Pick<ListQuery, 'resourceVersion' | 'pretty'> {
  if (readFlag(query, 'export'))
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported')
  const resourceVersion = query.get('resourceVersion') ?? ''
  const problem = describeBadVersion(resourceVersion)
  if (problem) throw unforeseen(problem)
  return { resourceVersion, pretty: readPretty(query) }
}

/** What a list asks before its match is known to be one. */
type Unchecked = Omit<ListQuery, 'resourceVersionMatch'> & { readonly resourceVersionMatch: string }

/** The server's default since WatchList is on (apimachinery, SetListOptionsDefaults). */
function initialEvents(query: Unchecked): Partial<Unchecked> {
  const { watch, sendInitialEvents, resourceVersion, resourceVersionMatch } = query
  if (!watch || sendInitialEvents !== undefined || resourceVersionMatch !== '') return {}
  if (resourceVersion !== '' && resourceVersion !== '0') return {}
  return { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
}

/** What cannot go together in a list, in the server's order (apimachinery, ValidateListOptions). */
function describeBadList({ resourceVersionMatch: match, ...query }: Unchecked): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  if (match !== '' && query.resourceVersion === '')
    problems.push(refuseMatch('resourceVersionMatch is forbidden unless resourceVersion is provided'))
  if (match !== '' && query.continue !== '') problems.push(refuseMatch(NO_MATCH_WITH_CONTINUE))
  if (!isMatch(match)) problems.push(unsupportedValue('resourceVersionMatch', match, MATCHES))
  if (match === 'Exact' && query.resourceVersion === '0')
    problems.push(refuseMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  if (query.sendInitialEvents !== undefined)
    problems.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  return problems
}

/** What cannot go together in a watch. */
function describeBadWatch({ resourceVersionMatch: match, ...query }: Unchecked): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  if (query.sendInitialEvents !== undefined && match !== 'NotOlderThan')
    problems.push(refuseMatch('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  if (match === '') return problems
  if (query.sendInitialEvents === undefined)
    problems.push(refuseMatch('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  if (match !== 'NotOlderThan') problems.push(unsupportedValue('resourceVersionMatch', match, ['NotOlderThan']))
  if (query.continue !== '') problems.push(refuseMatch(NO_MATCH_WITH_CONTINUE))
  return problems
}

const NO_MATCH_WITH_CONTINUE = 'resourceVersionMatch is forbidden when continue is provided'

function isMatch(text: string): text is VersionMatch {
  return MATCHES.some((match) => match === text)
}

function refuseMatch(detail: string): FieldProblem {
  return forbidden('resourceVersionMatch', detail)
}

/** A version that is none is the client's mistake in a list and the server's own in a watch. */
function checkVersion({ watch, resourceVersion, continue: token }: Unchecked): void {
  if (!watch && token !== '') {
    if (resourceVersion === '' || resourceVersion === '0') return
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  const problem = describeBadVersion(resourceVersion)
  if (!problem) return
  throw watch ? unforeseen(problem) : badRequest(`invalid resource version: ${problem.field}: ${problem.body}`)
}

function describeBadVersion(version: string): FieldProblem | undefined {
  if (version === '' || readUint64(version) !== undefined) return undefined
  return invalidValue('resourceVersion', version, describeNoInteger('ParseUint', version))
}

/** All but `0` and `false` in any case is yes, an empty value too (apimachinery, Convert_Slice_string_To_bool). */
export function readFlag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  return text === null ? undefined : !/^(?:0|false)$/iu.test(text)
}

function readInteger(query: URLSearchParams, name: string): number | undefined {
  const value = readExactInteger(query, name)
  return value === undefined ? undefined : Number(value)
}

/** An integer of 64 bits with all its digits, for whoever quotes it. Throws Refusal. */
export function readExactInteger(query: URLSearchParams, name: string): bigint | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const value = readInt64(text)
  if (value === undefined) throw badRequest(describeNoInteger('ParseInt', text))
  return value
}

/** The one flag that is read by strconv.ParseBool, and what it does not understand is no (apiserver, isPrettyPrint). */
function readPretty(query: URLSearchParams): boolean | undefined {
  const text = query.get('pretty')
  return text === null || text === '' ? undefined : /^(?:1|t|T|TRUE|true|True)$/.test(text)
}
