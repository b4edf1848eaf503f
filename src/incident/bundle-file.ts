import { parseJson } from '../bundle/parse-json.ts'
import type { BundleReader } from '../bundle/reader.ts'

/** The text of a file; undefined where there is none, where it is longer than any answer of its kind, and where it cannot be read. */
export async function readText(bundle: BundleReader, file: string, longest: number): Promise<string | undefined> {
  const size = bundle.files.get(file)
  if (size === undefined || size > longest) return undefined
  return bundle.read(file).then(
    (body) => body.toString('utf8'),
    () => undefined,
  )
}

/** What it says in JSON; undefined also for what is none. */
export async function readJson(bundle: BundleReader, file: string, longest: number): Promise<unknown> {
  return parseJson((await readText(bundle, file, longest)) ?? '')
}
