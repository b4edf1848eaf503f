import { resourceName } from '../../bundle/format.ts'
import { describeBreaks } from '../changes/changes.ts'
import { segmentsOf } from '../changes/recording.ts'
import type { Source } from '../changes/source.ts'
import { instant } from '../table/age.ts'
import { AT, STUB } from './annotations.ts'
import type { Survey } from './survey.ts'

/** What the state at a moment rests on, and what it cannot show, in a sentence each. */
export async function describeBasis(source: Source, { oldestEvent }: Survey, moment: Date): Promise<readonly string[]> {
  const [first, last] = listTimes(source)
  const watched = source.resources.filter((resource) => segmentsOf(source.bundle, resource).length > 0)
  const recordings = await Promise.all(watched.map(source.recording))
  const names = watched.map(resourceName).join(', ')
  const basis = `the lists of ${show(first)} to ${show(last)}`
  return [
    names === ''
      ? `The state at ${show(+moment)} is rebuilt from ${basis}; no changes were recorded.`
      : `The state at ${show(+moment)} is rebuilt from ${basis} and the recorded changes of ${names}; of everything else no change after its list is known.`,
    ...(+moment < last ? describePast(oldestEvent) : []),
    ...recordings
      .flatMap((recording) => describeBreaks(recording, source.offset))
      .map((loss) => `${capitalize(loss)}.`),
  ]
}

function describePast(oldestEvent: number): readonly string[] {
  const reach = Number.isFinite(oldestEvent) ? `events reach back to ${show(oldestEvent)}` : 'there are no events'
  return [
    `An object that was written between that moment and its list is shown as it was seen first, and the annotation ${AT} names the writers.`,
    `What was deleted before its list is shown only where a change, events or owner references prove it, with nothing but its name and the annotation ${STUB} where its contents are not known; ${reach}.`,
  ]
}

/** When the first page of all was listed and when the last one, by the server's clock. */
function listTimes({ bundle, resources, offset, end }: Source): [number, number] {
  const pages = new Set(resources.flatMap((resource) => resource.pages))
  const times = bundle.manifest.files
    .filter(({ path }) => pages.has(path))
    .map(({ obtained }) => instant(obtained.at))
    .filter((time) => time !== undefined)
    .map((time) => time + offset)
    .sort((a, b) => a - b)
  return [times[0] ?? +end, times.at(-1) ?? +end]
}

function show(time: number): string {
  return new Date(time).toISOString()
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
