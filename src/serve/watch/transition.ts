import type { Step } from '../changes/steps.ts'
import type { Row } from '../listing.ts'

/** What a client sees of a step: the kind of event, the object in it, and the version that it has there. */
export interface Transition {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly row: Row
  readonly version: string
}

/** An object that is there when a watch begins. */
export function present(row: Row): Transition {
  return { type: 'ADDED', row, version: row.resourceVersion }
}

/**
 * Shows a step through a selector: what begins to match is added, what no longer does is deleted, in its last state that matched and with
 * the version of the step; undefined for what matches neither before nor after (apiserver, storage/cacher, convertToWatchEvent).
 */
export function transitionOf(
  { before, after, row, version }: Step,
  matches: (row: Row) => boolean,
): Transition | undefined {
  const was = before !== undefined && matches(before)
  if (after && matches(after)) return { type: was ? 'MODIFIED' : 'ADDED', row: after, version: after.resourceVersion }
  return was ? { type: 'DELETED', row: after ? before : row, version: String(version) } : undefined
}
