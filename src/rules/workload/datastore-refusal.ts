import { atLeastOne, type Citation } from '../../incident/citation.ts'
import { findStore } from '../../incident/find-store.ts'
import type { Incident } from '../../incident/incident.ts'
import { loggedAt } from '../../incident/logged-line.ts'
import { isError } from '../../incident/logs/is-error.ts'
import type { LogTemplate } from '../../incident/logs/log-summary.ts'
import { messages } from '../../incident/messages/index.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, latest, shorten, tellNames } from '../../incident/telling.ts'
import { breaksOut } from '../breaks-out.ts'
import { currentErrors, erringCallers, harmedWith, isCalledBy } from '../erring-callers.ts'
import { isLive } from '../live.ts'
import { hasBegun } from '../onset.ts'
import { MANY_LINES, outbreakOf } from '../outbreak.ts'
import { type Finding, type Rejection, type Rule, reject, UNANSWERED } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { timesOf } from '../times-of.ts'
import { wasChangedBefore } from './changed-before.ts'
import { isCleared, isStanding } from './standing-alarm.ts'
import { LACKS, type RefusalId, TELLS } from './store-lacks.ts'

/** A database, cache or queue that is up, and refuses what its clients ask. */
export const datastoreRefusal: Rule<'datastore-refusal'> = {
  id: 'datastore-refusal',
  title: 'A database, cache or queue refuses what its clients ask',
  domain: 'workload',
  needs: ['pods', 'logs'],
  helps: ['previous-logs', 'services', 'endpointslices.discovery.k8s.io'],
  explains: UNANSWERED,
  explain: {
    mechanism:
      'A data store answers, and what it answers is a refusal: no connection is left, its memory or disk is at the limit, it takes no writes, its locks are held, its members have no quorum or no master, or it does not know the login. Its pods are ready all the while, because probes ask for less than clients do. Its clients fail, then those who call them, and the loudest logs are farthest from it.',
    proof: [
      'Clients log the words of the store itself: too many clients already, OOM command not allowed, read-only, Access denied; or the store logs them.',
      'They go on until the capture, and began after a time without them; where a log begins inside the incident, they fill it.',
      'Of a refused login: one client that is refused points to its credentials, several at once to those that the store knows. Secrets are in no bundle.',
    ],
    lookAlikes: [
      'dependency-down: the store does not answer at all.',
      'pv-full: its volume is full by the numbers of the kubelet.',
      'A pool in the client that is too small: the client waits for its own pool, and the store says nothing.',
    ],
    mitigate: [
      {
        says: 'Read what the store says of itself.',
        command: 'kubectl logs -n {namespace} {kind}/{name} --tail=200',
        changes: false,
      },
      {
        says: 'Give it what it is short of: connections, memory, disk; or the login that its clients have.',
        changes: true,
      },
    ],
    fix: [
      'Alert on connections, memory, disk and replication of the store itself; put a pooler before databases with many clients; rotate logins with both valid for a while.',
    ],
    links: ['https://www.postgresql.org/docs/current/runtime-config-connection.html'],
  },
  *evaluate(incident) {
    const refusals = incident
      .said(...(Object.keys(LACKS) as RefusalId[]))
      .map((said) => readRefusal(incident, said))
      .filter(({ said, speaker, store }) => isLive(incident, said) || (speaker === store && isStanding(incident, said)))
      .filter(({ said }) => !isCleared(incident, said))
    for (const [, group] of Map.groupBy(refusals, ({ store, said }) => `${store ? keyOf(store) : ''} ${said.id}`))
      yield* judge(incident, group as [Refusal, ...Refusal[]])
  },
}

interface Refusal {
  readonly said: Said
  readonly id: RefusalId
  readonly speaker: Ref
  readonly store: Ref | undefined
  /** Whether the store is the speaker, or called by it, and not only near. */
  readonly isNamed: boolean
}

function readRefusal(incident: Incident, said: Said): Refusal {
  const speaker = incident.topOf({ kind: 'Pod', namespace: said.about.namespace ?? '', name: said.about.name })
  const store = findStore(incident, messages[said.id].component, speaker, said.text)
  return {
    said,
    id: said.id as RefusalId,
    speaker,
    store: store?.ref,
    isNamed: store?.isNamed ?? false,
  }
}

function* judge(incident: Incident, group: readonly [Refusal, ...Refusal[]]): Generator<Finding | Rejection> {
  const [{ id, store }] = group
  const speakers = uniqueRefs(group.map(({ speaker }) => speaker))
  const failing = uniqueRefs([...speakers, ...erringCallers(incident, [...speakers, ...(store ? [store] : [])])])
  const others = failing.filter((ref) => !store || keyOf(ref) !== keyOf(store))
  const refused = refusedBy(incident, store, speakers, others)
  const subject = subjectOf(incident, group, refused)
  // A store may say once that it refuses until further notice, and so may its client of an alarm; otherwise clients say it each time.
  const silent = others.filter((ref) => LACKS[id] === 'alarm' || !speakers.includes(ref))
  const errors = silent.flatMap((ref) => currentErrors(incident, ref))
  const lines = timesOf([...group.map(({ said }) => said), ...errors])
  const suffers = failing.some((ref) =>
    (incident.workloadOf(ref)?.pods ?? []).some((pod) => isSuffering(incident, pod)),
  )
  if (others.length === 0) return yield reject(subject, 'It says so, and nobody who calls it fails.')
  if (!suffers && lines < MANY_LINES) return yield reject(subject, `It was said ${lines} times, and all are well.`)
  const isClear = group.some(({ isNamed }) => isNamed) && !['locks', 'login', 'pace'].includes(LACKS[id])
  // Some client is always refused, or waits for a lock; what is full is not always full.
  const onset = earliest(group.map(({ said }) => said.first))
  const begins = isNew(incident, group) || wasChangedBefore(incident, subject, onset) || isFollowed(onset, errors)
  // Whoever guesses passwords is refused too: who calls the store must be.
  const isFelt = LACKS[id] !== 'login' || refused.length > 0
  const fills = isFelt && hasOutbreak(incident, group, isClear ? silent : [])
  const isSure =
    suffers ||
    (isClear && others.length > 1 && fills) ||
    (begins && isFelt && (isClear || isOften(group.map(({ said }) => said))))
  yield {
    kind: 'cause',
    subject,
    strength: isSure ? (isClear ? 'proof' : 'strong') : fills ? 'strong' : 'weak',
    from: earliest(group.map(({ said }) => said.first)),
    to: latest(group.map(({ said }) => said.last)),
    says: tell(group, subject, others),
    cites: atLeastOne(citesOf(group)),
    affects: harmedWith(incident, [...failing, ...(store ? [store] : [])]),
    ...(isSure || !fills ? {} : { against: [{ says: UNDATED, cites: atLeastOne(citesOf(group)) }] }),
  }
}

const UNDATED = 'No log shows when it began: it may always be so.'

function tell([{ id, store, said }]: readonly [Refusal, ...Refusal[]], subject: Ref, others: readonly Ref[]): string {
  const { component } = messages[id]
  const whose = store ? describeRef(store) : `The ${component} of ${describeRef(subject)}`
  const words = `"${shorten(said.words)}"`
  const sufferers = `${count(others.length, 'workload')} (${tellNames(others.map(({ name }) => name))}) fail for it`
  if (LACKS[id] !== 'login') return `${whose} (${component}) ${TELLS[LACKS[id]]}: ${words}; ${sufferers}.`
  const isClient = store === undefined || keyOf(subject) !== keyOf(store)
  const claim =
    isClient && store
      ? `${describeRef(subject)} is not let in by ${whose} (${component})`
      : `${whose} (${component}) ${TELLS.login}`
  return `${claim}: ${words}; the credentials that ${isClient ? 'it uses' : 'they use'} and those that the store knows differ, and which are wrong is in no bundle; ${sufferers}.`
}

/** Whether the refusals, or what those who suffer from them log as errors, fill a log that begins inside the incident. */
function hasOutbreak(incident: Incident, group: readonly Refusal[], silent: readonly Ref[]): boolean {
  const refused = group.flatMap(({ said }) => (said.source === 'log' ? (loggedAt(incident, said.citation) ?? []) : []))
  return breaksOut(incident, refused) || silent.some((ref) => hasErrorsOnly(incident, ref))
}

function hasErrorsOnly(incident: Incident, workload: Ref): boolean {
  const logs = (incident.workloadOf(workload)?.pods ?? []).flatMap(({ ref }) => incident.logsOf(ref))
  return logs.some((log) => outbreakOf(incident, log, log.summary.templates.filter(isError)) !== undefined)
}

/** One place of each speaker first. */
function citesOf(group: readonly Refusal[]): readonly Citation[] {
  const first = [...Map.groupBy(group, ({ speaker }) => keyOf(speaker)).values()].map((same) => same[0])
  return first.flatMap((one) => (one ? [one.said.citation] : [])).slice(0, 4)
}

/** The clients that are refused, not those who pass it on: they say so, or that they were not let in, or are not well. */
function refusedBy(
  incident: Incident,
  store: Ref | undefined,
  speakers: readonly Ref[],
  others: readonly Ref[],
): readonly Ref[] {
  const saying = speakers.filter((ref) => !store || keyOf(ref) !== keyOf(store))
  const clients = saying.length > 0 ? saying : others.filter((ref) => isShutOut(incident, ref))
  const deepest = clients.filter((ref) => !clients.some((other) => isCalledBy(incident, other, ref)))
  return deepest.length > 0 ? deepest : clients
}

function isShutOut(incident: Incident, workload: Ref): boolean {
  if (incident.workloadOf(workload)?.pods.some((pod) => isSuffering(incident, pod))) return true
  return currentErrors(incident, workload).some(({ classes }) => classes.includes('authentication-failed'))
}

/** The store that refuses; of a login that is refused one of the two ends is to blame. */
function subjectOf(incident: Incident, group: readonly [Refusal, ...Refusal[]], refused: readonly Ref[]): Ref {
  const [{ id, store, speaker }] = group
  if (!store) return refused[0] ?? speaker
  return LACKS[id] === 'login'
    ? toBlame(incident, store, refused, earliest(group.map(({ said }) => said.first)))
    : store
}

/**
 * Of whom not to be let in is the fault: who was changed before; else the store where it refuses several that used to come in, for their
 * credentials do not all go wrong at once; else the one that it refuses. Secrets are in no bundle, so this is where to look, not a proof.
 */
function toBlame(incident: Incident, store: Ref, clients: readonly Ref[], first: number | undefined): Ref {
  if (wasChangedBefore(incident, store, first)) return store
  const [only, ...others] = clients
  const changed = clients.find((client) => wasChangedBefore(incident, client, first))
  return changed ?? (only && others.length === 0 ? only : store)
}

/** Locks and logins fail now and then in any database: more seldom than this is its ordinary life (judgement). */
const OFTEN = 60 * 1000

function isOften(said: readonly Pick<Said, 'first' | 'last' | 'count'>[]): boolean {
  return said.some(
    ({ first, last, count: times }) =>
      first !== undefined && last !== undefined && times >= MANY_LINES && last - first <= times * OFTEN,
  )
}

/** What callers log as new within this time of it is seen of it. */
const AT_ONCE = 2 * 60 * 1000

function isFollowed(onset: number | undefined, errors: readonly LogTemplate[]): boolean {
  if (onset === undefined) return false
  return errors.some(({ first }) => first !== undefined && first >= onset - SLACK && first <= onset + AT_ONCE)
}

/** Clocks of nodes differ. */
const SLACK = 30 * 1000

/** Whether some log goes on for a while before it says so. */
function isNew(incident: Incident, group: readonly Refusal[]): boolean {
  return group.some(({ said: { about, first, last, count: times } }) => {
    const logs = incident.logsOf({ kind: 'Pod', namespace: about.namespace ?? '', name: about.name })
    const begin = earliest(logs.map(({ summary }) => summary.first))
    return hasBegun({ begin, first, last, count: times })
  })
}
