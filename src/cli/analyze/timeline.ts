import type { BundleReader } from '../../bundle/reader.ts'
import { readIncident } from '../../incident/incident.ts'
import { timelineOf } from '../../incident/timeline.ts'
import type { AnalyzeOptions } from '../../rca/analyze.ts'
import { requireFocus } from '../../rca/focus.ts'
import { timelineJson, timelineMarkdown, timelineText } from '../../report/timeline.ts'
import type { AnalyzeFormat } from './request.ts'

/** Everything dated in a bundle, or of what hangs together with one object, between two times. Throws FOCUS_MISSING for an object that is not there. */
export async function drawTimeline(
  bundle: BundleReader,
  { focus, from = -Infinity, to = Infinity }: Pick<AnalyzeOptions, 'focus' | 'from' | 'to'>,
  format: AnalyzeFormat,
): Promise<string> {
  const incident = await readIncident(bundle)
  if (focus) requireFocus(incident, focus)
  const entries = timelineOf(incident, focus && [focus]).filter(({ at }) => at >= from && at <= to)
  if (format === 'json') return timelineJson(entries)
  return format === 'md' ? timelineMarkdown(entries) : timelineText(entries)
}
