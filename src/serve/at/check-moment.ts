import type { BundleReader } from '../../bundle/reader.ts'
import { FreezeframeError } from '../../error.ts'
import type { Source } from '../changes/source.ts'
import type { Survey } from './survey.ts'

/** Throws OPTION_INVALID for a moment before anything that the bundle tells of, or after the capture's end. */
export function checkMoment({ bundle, offset, end }: Source, { oldest }: Survey, moment: Date): void {
  const { window } = bundle.manifest
  if (bundle.isRebuilt && Date.parse(window.end) === 0) {
    const sentence = 'No moment can be shown: the bundle lost its manifest, and with it all times.'
    throw new FreezeframeError('OPTION_INVALID', sentence, { remedy: 'Leave out --at.' })
  }
  const begin = new Date(Number.isFinite(oldest) ? oldest : Date.parse(window.start) + offset)
  if (moment >= begin && moment <= end) return
  const where = moment < begin ? 'before anything that the bundle tells of' : describeEnd(bundle)
  throw new FreezeframeError('OPTION_INVALID', `${moment.toISOString()} is ${where}.`, {
    remedy: `Give --at a time from ${begin.toISOString()} to ${end.toISOString()}.`,
  })
}

function describeEnd({ isRebuilt }: BundleReader): string {
  const end = 'after the end of the capture'
  return isRebuilt ? `${end}, which is estimated, because the bundle lost its manifest` : end
}
