import { basename } from 'node:path'
import { openBundle } from '../../bundle/reader.ts'
import { analyze } from '../../rca/analyze.ts'
import { renderText } from '../../report/text.ts'
import type { Paint } from '../shell.ts'
import { VERSION } from '../version.ts'

/** The report of a bundle, as `analyze` prints it. */
export async function reportOf(path: string, paint: Paint): Promise<string> {
  const bundle = await openBundle(path)
  try {
    return renderText(await analyze(bundle, { name: basename(path), toolVersion: VERSION }), { paint })
  } finally {
    await bundle.close()
  }
}
