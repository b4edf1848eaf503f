import { at, type KubeObject, list, number, text } from '../table/access.ts'
import { instant } from '../table/age.ts'

/** What the metadata of an object says of its past; times are the server's, in milliseconds. */
export interface Life {
  readonly created: number | undefined
  /** The last write of each who wrote to it. */
  readonly writes: readonly Write[]
}

/** Somebody's last write. */
export interface Write {
  readonly at: number
  readonly by: string
}

/**
 * Reads when an object was created, and who wrote it last and when. A manager's entry has the time of its last write that changed something;
 * a deletion leaves none, but its deadline, which is so many seconds after it was asked for.
 */
export function readLife(metadata: KubeObject): Life {
  const writes = list(metadata, 'managedFields').flatMap(readEntry)
  return { created: instant(at(metadata, 'creationTimestamp')), writes: [...writes, ...readDeletion(metadata)] }
}

function readEntry(entry: unknown): readonly Write[] {
  const time = instant(at(entry, 'time'))
  if (time === undefined) return []
  const part = text(entry, 'subresource')
  return [{ at: time, by: `${text(entry, 'manager')}${part === '' ? '' : ` (${part})`}` }]
}

function readDeletion(metadata: KubeObject): readonly Write[] {
  const deadline = instant(at(metadata, 'deletionTimestamp'))
  if (deadline === undefined) return []
  const grace = Math.max(0, number(metadata, 'deletionGracePeriodSeconds'))
  return [{ at: deadline - grace * 1000, by: 'whoever deleted it' }]
}

/** So many writers are named. */
const MOST_WRITERS = 5

/** Who wrote to an object after a moment, as a clause; undefined where nobody did. */
export function describeWrites({ writes }: Life, after: number): string | undefined {
  if (writes.length === 0) return 'who wrote it since is not recorded'
  const later = writes.filter((write) => write.at > after).sort((a, b) => a.at - b.at)
  if (later.length === 0) return undefined
  const named = later.slice(0, MOST_WRITERS).map((write) => `${write.by} at ${new Date(write.at).toISOString()}`)
  const more = later.length > named.length ? ` and ${later.length - named.length} more` : ''
  return `written since by ${named.join(', ')}${more}`
}
