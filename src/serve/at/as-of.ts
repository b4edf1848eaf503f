import type { CapturedResource } from '../captured.ts'
import { describeBreaks } from '../changes/changes.ts'
import type { Shown } from '../changes/shown.ts'
import { once, type Source } from '../changes/source.ts'
import type { Row } from '../listing.ts'
import { checkMoment } from './check-moment.ts'
import { describeBasis } from './describe-basis.ts'
import { readRebuilt } from './read-rebuilt.ts'
import { rebuild } from './rebuild.ts'
import { withStubs } from './stub.ts'
import { survey } from './survey.ts'

/**
 * The state at one moment, by the server's clock, as far as the bundle proves it. It stands still: a watch gets nothing beyond it. Throws
 * OPTION_INVALID for a moment of which the bundle knows nothing.
 */
export async function asOf(source: Source, moment: Date): Promise<Shown> {
  const surveyed = await survey(source)
  checkMoment(source, surveyed, moment)
  const seen = surveyed.sightings.filter(({ first, last }) => first.at <= +moment && +moment <= last.at)
  const notes = new WeakMap<Row, string>()
  const stubs = new WeakMap<Row, Buffer>()

  const list = once(async (resource) => {
    const own = seen.filter((sighting) => sighting.resource === resource)
    const rebuilt = await rebuild(source, resource, own, moment)
    for (const [row, note] of rebuilt.notes) notes.set(row, note)
    for (const [row, body] of rebuilt.stubs) stubs.set(row, body)
    return rebuilt.listing
  })

  async function changes(resource: CapturedResource) {
    const warnings = describeBreaks(await source.recording(resource), source.offset)
    return { base: await list(resource), steps: [], warnings, until: () => 0 }
  }

  return {
    notes: await describeBasis(source, surveyed, moment),
    now: () => moment,
    list,
    changes,
    read: (rows) => readRebuilt(source.bundle, rows, { notes, stubs }),
    print: withStubs,
  }
}
