import { text } from './access.ts'
import { admission } from './admission.ts'
import { apiServer } from './api-server.ts'
import { autoscaling } from './autoscaling.ts'
import { certificates } from './certificates.ts'
import { column, NAME } from './column.ts'
import { config } from './config.ts'
import { csi } from './csi.ts'
import { events } from './events.ts'
import { flowControl } from './flow-control.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { networking } from './networking.ts'
import { nodes } from './nodes.ts'
import { pods } from './pods.ts'
import { rbac } from './rbac.ts'
import { scheduling } from './scheduling.ts'
import { services } from './services.ts'
import { storage } from './storage.ts'
import { type Table, table, wordsOf } from './table.ts'
import { workloads } from './workloads.ts'

export type { KubeObject } from './access.ts'
export type { TableColumn } from './column.ts'
export { type AdditionalPrinterColumn, customTable } from './custom.ts'
export type { Table } from './table.ts'

const BUILT_IN: ReadonlyMap<string, Table> = new Map(
  [
    pods,
    workloads,
    jobs,
    services,
    networking,
    nodes,
    events,
    config,
    storage,
    csi,
    rbac,
    autoscaling,
    admission,
    certificates,
    scheduling,
    flowControl,
    apiServer,
    metrics,
  ].flatMap((tables) => Object.entries(tables)),
)

/**
 * Columns that the real API server (1.34) prints for a resource, whose group is '' for the core; undefined for one that has no printer of
 * its own. Versions differ in nothing that is printed, but for autoscaling/v1, which no server since 1.23 prefers.
 */
export function builtInTable(resource: { group: string; version: string; resource: string }): Table | undefined {
  if (resource.group === 'autoscaling' && resource.version === 'v1') return undefined
  return BUILT_IN.get([resource.resource, resource.group].filter(Boolean).join('.'))
}

/** What the API server prints for kinds without a printer of their own. */
export const defaultTable: Table = table(
  [
    NAME,
    column('Created At', 'date', (object) => text(object, 'metadata', 'creationTimestamp') || '0001-01-01T00:00:00Z'),
  ],
  wordsOf('*'),
)
