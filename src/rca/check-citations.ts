import { parseJson } from '../bundle/parse-json.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { type Span, scanPage } from '../bundle/scan-page.ts'
import type { Citation, FieldCitation, LineCitation } from '../incident/citation.ts'

/** A citation that does not hold, with the reason. */
export interface BrokenCitation {
  readonly citation: Citation
  readonly why: string
}

/** Holds every citation against the bundle: the file is there, the place is in it, and the words stand there. One file at a time. */
export async function checkCitations(
  bundle: BundleReader,
  citations: readonly Citation[],
): Promise<readonly BrokenCitation[]> {
  const broken: BrokenCitation[] = []
  for (const [file, cited] of Map.groupBy(citations, (one) => one.file)) {
    const problems = bundle.files.has(file)
      ? await checkFile(bundle, file, cited)
      : cited.map((citation) => ({ citation, why: `the bundle has no file ${file}` }))
    broken.push(...problems)
  }
  return broken
}

async function checkFile(bundle: BundleReader, file: string, cited: readonly Citation[]): Promise<BrokenCitation[]> {
  const lines = cited.filter((one): one is LineCitation => 'line' in one)
  const fields = cited.filter((one): one is FieldCitation => 'pointer' in one)
  return [
    ...(lines.length > 0 ? await checkLines(bundle, file, lines) : []),
    ...(fields.length > 0 ? await checkFields(bundle, file, fields) : []),
  ]
}

async function checkFields(
  bundle: BundleReader,
  file: string,
  cited: readonly FieldCitation[],
): Promise<BrokenCitation[]> {
  const body = await bundle.read(file).catch(() => undefined)
  const resolve = body && openJson(body)
  if (!resolve) return cited.map((citation) => ({ citation, why: `${file} cannot be read` }))
  return cited.flatMap((citation) => {
    const value = resolve(citation.pointer)
    if (value === undefined) return [{ citation, why: `${file} has nothing at ${citation.pointer}` }]
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return text.includes(citation.words)
      ? []
      : [{ citation, why: `the words are not at ${citation.pointer} of ${file}` }]
  })
}

/** Resolves pointers into a JSON file. Of a list page only the objects that are pointed into are parsed, because a page has hundreds. */
function openJson(body: Buffer): ((pointer: string) => unknown) | undefined {
  const spans: Span[] = []
  try {
    scanPage(body, [], (item) => spans.push(item))
  } catch {
    const root = parseJson(body.toString('utf8'))
    return root === undefined ? undefined : (pointer) => resolvePointer(root, pointer)
  }
  const items = new Map<number, unknown>()
  return (pointer) => {
    const [, index, rest = ''] = /^\/items\/(\d+)(\/.*)?$/.exec(pointer) ?? []
    if (index === undefined) return resolvePointer(parseJson(body.toString('utf8')), pointer)
    const span = spans[Number(index)]
    const item = items.get(Number(index)) ?? (span && parseJson(body.toString('utf8', span.start, span.end)))
    items.set(Number(index), item)
    return resolvePointer(item, rest)
  }
}

/** Reads a file once, however long, and looks at the cited lines only. */
async function checkLines(
  bundle: BundleReader,
  file: string,
  cited: readonly LineCitation[],
): Promise<BrokenCitation[]> {
  const wanted = Map.groupBy(cited, ({ line }) => line)
  const last = Math.max(...wanted.keys())
  const broken: BrokenCitation[] = []
  const decoder = new TextDecoder()
  let rest = ''
  let number = 1
  const look = (text: string): void => {
    for (const citation of wanted.get(number) ?? []) {
      if (!text.includes(citation.words))
        broken.push({ citation, why: `the words are not in line ${number} of ${file}` })
    }
    wanted.delete(number)
    number++
  }
  for await (const chunk of bundle.stream(file)) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) look(part)
    if (number > last) break
  }
  if (number <= last) look(rest)
  for (const citation of [...wanted.values()].flat())
    broken.push({ citation, why: `${file} has no line ${citation.line}` })
  return broken
}

function resolvePointer(root: unknown, pointer: string): unknown {
  let value = root
  for (const key of pointer.split('/').slice(1)) {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}
