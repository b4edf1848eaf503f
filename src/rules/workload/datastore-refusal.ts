import { atLeastOne, type Citation } from '../../incident/citation.ts'
import { findStore } from '../../incident/find-store.ts'
import type { Incident } from '../../incident/incident.ts'
import { loggedAt } from '../../incident/logged-line.ts'
import type { LogTemplate } from '../../incident/logs/log-summary.ts'
import { type MessageId, messages } from '../../incident/messages/index.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, latest, shorten, tellNames } from '../../incident/telling.ts'
import { MANY_LINES } from '../callers.ts'
import { currentErrors, erringCallers, harmedWith, isCalledBy } from '../erring-callers.ts'
import { isLive } from '../live.ts'
import { hasBegun } from '../onset.ts'
import { outbreakOf } from '../outbreak.ts'
import { type Finding, type Rejection, type Rule, reject, UNANSWERED } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

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
      .said(...IDS)
      .filter((said) => isStanding(incident, said))
      .map((said) => readRefusal(incident, said))
    for (const [, group] of Map.groupBy(refusals, ({ store, said }) => `${store ? keyOf(store) : ''} ${said.id}`))
      yield* judge(incident, group as [Refusal, ...Refusal[]])
  },
}

/** connections, memory, disk, writes, locks: the store is short of it. alarm: of memory or disk, and its publishers wait. quorum: its members do not agree or do not see each other. login: it does not let the client in. pace: clients do not keep up. */
type Lack = 'connections' | 'memory' | 'alarm' | 'disk' | 'writes' | 'locks' | 'quorum' | 'login' | 'pace'

const LACKS = {
  'postgres-connections-exhausted': 'connections',
  'mysql-connections-exhausted': 'connections',
  'redis-connections-exhausted': 'connections',
  'redis-memory-full': 'memory',
  'rabbit-alarm': 'alarm',
  'elastic-memory-full': 'memory',
  'memcached-memory-full': 'memory',
  'postgres-disk-full': 'disk',
  'mysql-disk-full': 'disk',
  'mongo-disk-full': 'disk',
  'kafka-disk-full': 'disk',
  'elastic-read-only': 'disk',
  'redis-not-persisting': 'disk',
  'postgres-read-only': 'writes',
  'mysql-read-only': 'writes',
  'redis-read-only': 'writes',
  'mongo-not-primary': 'writes',
  'kafka-too-few-replicas': 'writes',
  'rabbit-partitioned': 'quorum',
  'elastic-no-master': 'quorum',
  'kafka-consumer-too-slow': 'pace',
  'postgres-locked': 'locks',
  'mysql-locked': 'locks',
  'postgres-login-refused': 'login',
  'mysql-login-refused': 'login',
  'redis-login-refused': 'login',
  'mongo-login-refused': 'login',
  'mongo-tls-required': 'login',
  'rabbit-login-refused': 'login',
  'kafka-login-refused': 'login',
} as const satisfies Partial<Record<MessageId, Lack>>

const IDS = Object.keys(LACKS) as (keyof typeof LACKS)[]

const TELLS: Readonly<Record<Lack, string>> = {
  connections: 'has no connection left for its clients',
  memory: 'is at its limit of memory and refuses its clients',
  alarm: 'is short of memory or disk, and blocks whoever publishes',
  disk: 'is out of disk, or cannot write to it, and refuses writes',
  writes: 'takes no writes',
  quorum: 'has members that do not work together, and refuses part of what its clients ask',
  locks: 'lets its clients wait for locks until they give up',
  login: 'does not let its clients in',
  pace: 'has more to read than its consumers can',
}

interface Refusal {
  readonly said: Said
  readonly id: keyof typeof LACKS
  readonly speaker: Ref
  readonly store: Ref | undefined
  /** Whether the store is the speaker, or called by it, and not only near. */
  readonly isNamed: boolean
}

function readRefusal(incident: Incident, said: Said): Refusal {
  const speaker = incident.topOf({ kind: 'Pod', namespace: said.about.namespace ?? '', name: said.about.name })
  const store = findStore(incident, messages[said.id].component, speaker)
  return {
    said,
    id: said.id as keyof typeof LACKS,
    speaker,
    store: store?.ref,
    isNamed: store?.isNamed ?? false,
  }
}

/** An alarm is told once when it is set and once when it clears; everything else as long as it is so. */
function isStanding(incident: Incident, said: Said): boolean {
  if (said.id !== 'rabbit-alarm') return isLive(incident, said)
  const cleared = latest(
    incident
      .said('rabbit-alarm-cleared')
      .filter(({ about }) => keyOf(about) === keyOf(said.about))
      .map(({ last }) => last),
  )
  const set = said.last ?? incident.now
  return cleared === undefined ? isLive(incident, said) || set >= incident.now - DAY : set > cleared
}

/** An alarm that was set longer ago than this, and of which nothing was heard since, says nothing of now (judgement). */
const DAY = 24 * 60 * 60 * 1000

function* judge(incident: Incident, group: readonly [Refusal, ...Refusal[]]): Generator<Finding | Rejection> {
  const [{ id, store }] = group
  const speakers = uniqueRefs(group.map(({ speaker }) => speaker))
  const failing = uniqueRefs([...speakers, ...erringCallers(incident, [...speakers, ...(store ? [store] : [])])])
  const others = failing.filter((ref) => !store || keyOf(ref) !== keyOf(store))
  const subject = subjectOf(incident, group, speakers, others)
  // A store may say once that it refuses until further notice, and so may its client of an alarm; otherwise clients say it each time.
  const silent = others.filter((ref) => LACKS[id] === 'alarm' || !speakers.includes(ref))
  const errors = silent.flatMap((ref) => currentErrors(incident, ref))
  const lines = [...group.map(({ said }) => said), ...errors].reduce((sum, one) => sum + one.count, 0)
  const suffers = failing.some((ref) =>
    (incident.workloadOf(ref)?.pods ?? []).some((pod) => isSuffering(incident, pod)),
  )
  if (others.length === 0) return yield reject(subject, 'It says so, and nobody who calls it fails.')
  if (!suffers && lines < MANY_LINES) return yield reject(subject, `It was said ${lines} times, and all are well.`)
  const isClear = group.some(({ isNamed }) => isNamed) && !['locks', 'login', 'pace'].includes(LACKS[id])
  // Some client is always refused, or waits for a lock; what is full is not always full.
  const onset = earliest(group.map(({ said }) => said.first))
  const begins = isNew(incident, group) || wasChanged(incident, subject, onset) || isFollowed(onset, errors)
  const fills = hasOutbreak(incident, group, isClear ? silent : [])
  const isSure =
    suffers ||
    (isClear && others.length > 1 && fills) ||
    (begins && (isClear || isOften(group.map(({ said }) => said))))
  yield {
    kind: 'cause',
    subject,
    strength: isSure ? (isClear ? 'proof' : 'strong') : fills ? 'strong' : 'weak',
    from: earliest(group.map(({ said }) => said.first)),
    to: latest(group.map(({ said }) => said.last)),
    says: tell(group, subject, others),
    cites: atLeastOne(citesOf(group)),
    affects: harmedWith(incident, [...failing, ...(store ? [store] : [])]),
    ...(isSure
      ? {}
      : {
          against: [
            { says: 'No log goes back to when it began: it may always be so.', cites: atLeastOne(citesOf(group)) },
          ],
        }),
  }
}

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
  const isRefused = [...Map.groupBy(refused, ({ log }) => log)].some(
    ([log, same]) =>
      outbreakOf(
        incident,
        log,
        same.map(({ template }) => template),
      ) !== undefined,
  )
  return isRefused || silent.some((ref) => hasErrorsOnly(incident, ref))
}

function hasErrorsOnly(incident: Incident, workload: Ref): boolean {
  const logs = (incident.workloadOf(workload)?.pods ?? []).flatMap(({ ref }) => incident.logsOf(ref))
  return logs.some((log) => {
    const errors = log.summary.templates.filter(({ level }) => level === 'error' || level === 'fatal')
    return outbreakOf(incident, log, errors) !== undefined
  })
}

/** One place of each speaker first. */
function citesOf(group: readonly Refusal[]): readonly Citation[] {
  const first = [...Map.groupBy(group, ({ speaker }) => keyOf(speaker)).values()].map((same) => same[0])
  return first.flatMap((one) => (one ? [one.said.citation] : [])).slice(0, 4)
}

/** The store that refuses; of a login that is refused one of the two ends is to blame. */
function subjectOf(
  incident: Incident,
  group: readonly [Refusal, ...Refusal[]],
  speakers: readonly Ref[],
  others: readonly Ref[],
): Ref {
  const [{ id, store, speaker }] = group
  const clients = speakers.filter((ref) => !store || keyOf(ref) !== keyOf(store))
  const deepest = clients.filter((ref) => !clients.some((other) => isCalledBy(incident, other, ref)))
  const [client = clients[0]] = deepest
  if (!store) return client ?? speaker
  if (LACKS[id] !== 'login') return store
  const first = earliest(group.map(({ said }) => said.first))
  return toBlame(incident, store, deepest.length > 0 ? deepest : clients.length > 0 ? clients : others, first)
}

/**
 * Of whom not to be let in is the fault: who was changed before; else the store where it refuses several that used to come in, for their
 * credentials do not all go wrong at once; else the one that it refuses. Secrets are in no bundle, so this is where to look, not a proof.
 */
function toBlame(incident: Incident, store: Ref, clients: readonly Ref[], first: number | undefined): Ref {
  if (wasChanged(incident, store, first)) return store
  const [only, ...others] = clients
  const changed = clients.find((client) => wasChanged(incident, client, first))
  return changed ?? (only && others.length === 0 ? only : store)
}

/** A change this long before the first refusal can be why. */
const SOON = 30 * 60 * 1000

function wasChanged(incident: Incident, workload: Ref, first: number | undefined): boolean {
  if (first === undefined) return false
  const used = new Set(
    (incident.workloadOf(workload)?.pods ?? []).flatMap((pod) =>
      incident.usesOf(pod).map(({ kind, name }) => `${kind}/${pod.ref.namespace ?? ''}/${name}`),
    ),
  )
  return incident.changes.some(
    ({ at, about, top, what }) =>
      what !== 'scale' &&
      at >= first - SOON &&
      at <= first + incident.clocks.tolerance &&
      (keyOf(top) === keyOf(workload) || used.has(keyOf(about))),
  )
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
