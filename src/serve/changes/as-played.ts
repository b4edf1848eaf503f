import type { CapturedResource } from '../captured.ts'
import type { Listing } from '../listing.ts'
import { readRows } from '../read-rows.ts'
import { applySteps } from './apply-steps.ts'
import { type Changes, followList } from './changes.ts'
import { segmentsOf } from './recording.ts'
import type { Shown } from './shown.ts'
import { once, type Source } from './source.ts'
import { createTape, type Tape } from './tape.ts'

/**
 * The lists as they were captured, and then what was recorded after them, `speed` times as fast as it came: a list shows the state reached
 * so far. It begins when somebody first asks for objects, shortly before the first change, so that it is seen to happen.
 */
export async function asPlayed(source: Source, speed: number): Promise<Shown> {
  const tape = createTape((await firstMoment(source)) - LEAD_MS * speed, speed)
  const changes = once((resource) => followList(source, resource, tape.until))
  const reached = new Map<CapturedResource, { readonly steps: number; readonly listing: Listing }>()

  async function list(resource: CapturedResource): Promise<Listing> {
    tape.start()
    const followed = await changes(resource)
    const steps = countReached(followed, tape)
    const known = reached.get(resource)
    if (known?.steps === steps) return known.listing
    const listing = applySteps(followed.base, followed.steps.slice(0, steps))
    reached.set(resource, { steps, listing })
    return listing
  }

  return {
    notes: [],
    now: () => new Date(Math.min(tape.position() + source.offset, source.end.getTime())),
    list,
    changes,
    read: (rows) => readRows(source.bundle, rows),
    print: (table) => table,
  }
}

/** Time in which the state as captured can be listed. */
const LEAD_MS = 1000

/** When the first change came that no list has yet. */
async function firstMoment(source: Source): Promise<number> {
  let first = source.end.getTime() - source.offset
  for (const resource of source.resources) {
    if (segmentsOf(source.bundle, resource).length === 0) continue
    const { steps } = await followList(source, resource, () => 0)
    for (const { at } of steps) first = Math.min(first, at)
  }
  return first
}

/** Steps come in the order of their versions; one that was seen late holds back what is behind it. */
function countReached({ steps }: Changes, { until }: Tape): number {
  const next = steps.findIndex(({ at }) => until(at) > 0)
  return next < 0 ? steps.length : next
}
