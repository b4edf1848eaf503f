import { type Citation, citeLine } from './citation.ts'
import { clusterDns } from './cluster-dns.ts'
import type { ContainerLog } from './container-log.ts'
import type { Incident } from './incident.ts'
import type { LogTemplate } from './logs/log-summary.ts'
import { recognise } from './messages/index.ts'
import { onceFor } from './once-for.ts'
import { isHealthy, type Pod } from './pod.ts'
import { keyOf, type Ref } from './reference.ts'

/** Lookups of one name that a container of a workload logged as failed. */
export interface FailedLookup {
  readonly workload: Ref
  readonly pod: Pod | undefined
  /** As the client asked for it, in small letters, without a port. */
  readonly name: string
  /** absent: the answer was that there is no such name. unanswered: no answer, or that of a server that could not tell. unclear: the words do not say. */
  readonly how: 'absent' | 'unanswered' | 'unclear'
  /** The server that was asked, `10.96.0.10`; empty where the line does not say. */
  readonly server: string
  readonly count: number
  readonly first: number | undefined
  readonly last: number | undefined
  readonly template: LogTemplate
  readonly citation: Citation
}

/** Lookups that failed this lately fail still: clients try again within minutes. */
const LATELY = 15 * 60_000

/** A client in a crash loop, or whose readiness waits for the name, may have asked for the last time longer ago. */
const LATELY_OF_SICK = 60 * 60_000

/** The lookups that fail now, by the logs of the clients; what the name servers log of their own upstream is not here. */
export const failedLookups = onceFor(listLookups)

function listLookups(incident: Incident): readonly FailedLookup[] {
  const servers = new Set(clusterDns(incident).pods.map(({ ref }) => keyOf(ref)))
  return incident.logs
    .filter(({ namespace, pod }) => !servers.has(keyOf({ kind: 'Pod', namespace, name: pod })))
    .flatMap((log) => log.summary.templates.filter(isLookup).flatMap((template) => readLookup(incident, log, template)))
}

function isLookup({ classes }: LogTemplate): boolean {
  return classes.includes('dns-failure')
}

function readLookup(incident: Incident, log: ContainerLog, template: LogTemplate): readonly FailedLookup[] {
  const ref = { kind: 'Pod', namespace: log.namespace, name: log.pod }
  const pod = incident.podOf(ref)
  if (!isRecent(incident, template, pod)) return []
  const { example, count, first, last, targets, resolvers } = template
  const meanings = recognise(example.text)
  const said = meanings.find(({ id }) => id === 'name-lookup-timeout' || id === 'name-not-found')
  const names = said?.values.name === undefined ? targets : [said.values.name]
  return [...new Set(names.map(hostOf))].filter(isName).map((name) => ({
    workload: incident.topOf(ref),
    pod,
    name,
    how: howOf(template, said?.id),
    server: hostOf(said?.values.server ?? resolvers[0] ?? ''),
    count,
    first,
    last,
    template,
    citation: citeLine(log.summary.path, example.line, example.text),
  }))
}

function isRecent({ start }: Incident, { last }: LogTemplate, pod: Pod | undefined): boolean {
  if (last === undefined || last >= start - LATELY) return true
  return pod !== undefined && !isHealthy(pod) && last >= start - LATELY_OF_SICK
}

const NO_ANSWER = ['timeout', 'connection-refused', 'no-route', 'unavailable'] as const

function howOf({ classes }: LogTemplate, said: string | undefined): FailedLookup['how'] {
  if (said === 'name-lookup-timeout' || NO_ANSWER.some((one) => classes.includes(one))) return 'unanswered'
  return said === 'name-not-found' ? 'absent' : 'unclear'
}

/** Without a port, brackets, a dot at the end. */
function hostOf(target: string): string {
  return target
    .toLowerCase()
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^([^:]+):\d+$/, '$1')
    .replace(/\.$/, '')
}

function isName(host: string): boolean {
  return /[a-z]/.test(host) && !host.includes(':') && host !== 'localhost'
}
