import type { Citation, Citations } from './citation.ts'
import { findFailedCalls } from './dependencies/failed-calls.ts'
import { collectNames } from './dependencies/names.ts'
import { findPolicyPeers } from './dependencies/policies.ts'
import { findRoutes } from './dependencies/routes.ts'
import { findSettings } from './dependencies/settings.ts'
import type { Incident } from './incident.ts'
import type { LogClass } from './logs/log-summary.ts'
import { keyOf, type Ref } from './reference.ts'
import type { Service } from './service.ts'

/** A workload that calls another one, or a host outside, by evidence. */
export interface Dependency {
  /** The caller's workload. */
  readonly from: Ref
  /** A Service, or `{kind: 'Host', name: 'db.example.com'}` where it is no Service of the cluster. */
  readonly to: Ref
  /** What tells it: an env value or argument, a failed call in a log, a route. */
  readonly by: 'env' | 'argument' | 'log' | 'route' | 'network-policy'
  /** Whether calls fail, by the caller's log. */
  readonly failing: boolean
  /** When the first failing call was logged. */
  readonly first: number | undefined
  /** When the last one was. */
  readonly last?: number | undefined
  /** How calls fail, by the log. */
  readonly classes?: readonly LogClass[]
  /** The ports that failing calls name. */
  readonly ports?: readonly number[]
  /** What settings that name it are called: variables, and the schemes of addresses. */
  readonly settings?: readonly string[]
  readonly says: string
  readonly cites: Citations
}

/** The evidence of a dependency, the strongest first. */
const ORDER = ['log', 'env', 'argument', 'route', 'network-policy'] as const

/** Finds who calls whom: one dependency for each pair, by the strongest evidence, with what else tells it cited behind. */
export function findDependencies(incident: Incident): readonly Dependency[] {
  const names = collectNames(incident)
  const services = new Map(incident.services.map((service) => [keyOf(service.object.ref), service]))
  const found = [
    ...findFailedCalls(incident, names),
    ...findSettings(incident, names),
    ...findRoutes(incident, names),
    ...findPolicyPeers(incident),
  ].filter((one) => !isOfItself(services, one))
  return [...Map.groupBy(found, ({ from, to }) => `${keyOf(from)} ${keyOf(to)}`)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, same]) => merge(same.sort(byStrength)))
}

/** A Service in front of nothing but the caller is how its replicas find each other. */
function isOfItself(services: ReadonlyMap<string, Service>, { from, to }: Dependency): boolean {
  if (keyOf(from) === keyOf(to)) return true
  const pods = services.get(keyOf(to))?.pods ?? []
  return pods.length > 0 && pods.every(({ workload }) => keyOf(workload) === keyOf(from))
}

function merge(same: readonly Dependency[]): Dependency {
  const [first, ...others] = same as readonly [Dependency, ...Dependency[]]
  const onsets = same.map(({ first: at }) => at).filter((at) => at !== undefined)
  const ends = same.map(({ last }) => last).filter((at) => at !== undefined)
  return {
    ...first,
    failing: same.some(({ failing }) => failing),
    first: onsets.length > 0 ? Math.min(...onsets) : undefined,
    last: ends.length > 0 ? Math.max(...ends) : undefined,
    classes: [...new Set(same.flatMap(({ classes = [] }) => classes))].sort(),
    settings: [...new Set(same.flatMap(({ settings = [] }) => settings))].sort(),
    ports: [...new Set(same.flatMap(({ ports = [] }) => ports))].sort((a, b) => a - b),
    cites: [...first.cites, ...others.flatMap(({ cites }) => cites)].slice(0, 3) as [Citation, ...Citation[]],
  }
}

function byStrength(a: Dependency, b: Dependency): number {
  return ORDER.indexOf(a.by) - ORDER.indexOf(b.by) || (a.first ?? Infinity) - (b.first ?? Infinity) || 0
}
