import type { BrokenRoute } from '../incident/broken-route.ts'
import type { Incident } from '../incident/incident.ts'
import { keyOf, type Ref } from '../incident/reference.ts'
import type { Said } from '../incident/statement.ts'
import { latest } from '../incident/telling.ts'
import { writtenAt } from '../incident/written-at.ts'
import { isLive } from './live.ts'
import { MANY_LINES } from './outbreak.ts'
import { timesOf } from './times-of.ts'

/** Routes that nobody misses stay for years; one that was written within a day is somebody's work of now. */
const OF_LATE = 24 * 60 * 60 * 1000

/** Whether somebody is in trouble for a route that leads nowhere, as far as can be seen from within the cluster. */
export function isFelt(incident: Incident, broken: BrokenRoute): boolean {
  return broken.isSaid || isOfLate(incident, broken) || complaintsOf(incident, broken).length > 0
}

/** Whether it was written, or refused, or what it leads to was lost within a day, or requests fail of it now: what has led nowhere for longer is mostly left behind, and its controller complains all the same. */
export function isOfLate(incident: Incident, broken: BrokenRoute): boolean {
  const at = latest([broken.since, writtenAt(broken.route), lostAt(incident, broken)])
  return (at !== undefined && incident.now - at < OF_LATE) || timesOf(requestsOf(incident, broken)) >= MANY_LINES
}

/** When a route lost what it leads to, or when it was still seen to be there. */
export function lostAt(incident: Incident, broken: BrokenRoute): number | undefined {
  return latest([
    ...broken.missing.map((ref) => lastTraceOf(incident, ref)),
    ...complaintsOf(incident, broken).map((said) => (isNews(incident, said) ? said.first : undefined)),
  ])
}

/** Of a Service that is there, when its ports were written; of one that is gone, when a component last wrote of it. */
function lastTraceOf(incident: Incident, ref: Ref): number | undefined {
  const there = incident.find(ref.kind, ref.namespace, ref.name)
  return there ? writtenAt(there, 'spec.ports') : latest(incident.eventsAbout(ref).map(({ last }) => last))
}

/** A controller that starts complains at once of all that is missing; what it finds later was there before. */
function isNews(incident: Incident, { source, about, citation, first }: Said): boolean {
  const log = incident.logsOf(about).find(({ summary }) => summary.path === citation.file)?.summary
  const container = incident.podOf(about)?.containers.find(({ name }) => name === about.container)
  const start = container?.state.kind === 'running' ? container.state.since : undefined
  if (source !== 'log' || log?.first === undefined || start === undefined || first === undefined) return false
  return !log.gapped && Math.abs(log.first - start) < AT_START && first - start > SETTLED
}

/** The first lines of a program come with its start, and what it finds in its first round within minutes (judgement). */
const AT_START = 60 * 1000
const SETTLED = 5 * 60 * 1000

/** What controllers say of the Ingress now, or of the backend that they do not find, and what became of requests for it. */
export function complaintsOf(incident: Incident, broken: BrokenRoute): readonly Said[] {
  const { route, missing } = broken
  const names = [route.ref, ...missing].map(({ namespace, name }) => `${namespace ?? ''}/${name}`)
  const said = incident.said('ingress-backend-missing').filter((one) => names.includes(serviceIn(one)))
  const ofRoute = incident
    .said('lb-backend-missing', 'lb-backend-not-found')
    .filter(({ about }) => keyOf(about) === keyOf(route.ref))
  return [...[...said, ...ofRoute].filter((one) => isLive(incident, one)), ...requestsOf(incident, broken)]
}

/** Requests that fail now for the Service that is not there; what serves them calls it `<namespace>-<name>-<port>`. */
function requestsOf(incident: Incident, { missing }: BrokenRoute): readonly Said[] {
  const names = missing.filter(({ kind }) => kind === 'Service').map(({ namespace, name }) => `${namespace}-${name}-`)
  return incident.said('ingress-request-unserved').filter((said) => {
    const { backend = '' } = said.values
    return (
      isLive(incident, said) &&
      names.some((name) => backend.startsWith(name) && !backend.slice(name.length).includes('-'))
    )
  })
}

function serviceIn({ values: { service, namespace, name } }: Said): string {
  return service ?? `${namespace}/${name}`
}
