import type { LedgerLine } from '../../src/bundle/format.ts'
import type { BundleReader } from '../../src/bundle/reader.ts'
import { scanPage, wantPaths } from '../../src/bundle/scan-page.ts'

/** What a bundle holds of the cluster, in an order that does not depend on how it was captured. */
export interface Holdings {
  /** Of each list (`cluster/core/v1/pods/_all`) the objects, each as the text that it is in the bundle. */
  readonly objects: Readonly<Record<string, readonly string[]>>
  /** Path and bytes of each log. */
  readonly logs: Readonly<Record<string, string>>
  /** Path and bytes of what was answered to a path: discovery, OpenAPI, version, health. */
  readonly answers: Readonly<Record<string, string>>
  /** Resources that were denied. */
  readonly denied: readonly string[]
}

const PAGE = /^(cluster\/[^/]+\/[^/]+\/[^/]+\/[^/]+(?:\/[^/]+)?)\/\d{4,}\.json$/
const ANSWER = /^(?:cluster\/(?:discovery|openapi)\/|cluster\/version\.json$|apiserver\/)/

/** Reads what a bundle holds, byte for byte. Places that no byte order mark or charset may change are kept as Latin-1. */
export async function readHoldings(bundle: BundleReader): Promise<Holdings> {
  const objects = new Map<string, string[]>()
  const logs: Record<string, string> = {}
  const answers: Record<string, string> = {}
  for (const path of [...bundle.files.keys()].sort()) {
    const list = ANSWER.test(path) ? undefined : PAGE.exec(path)?.[1]
    if (list !== undefined) objects.set(list, [...(objects.get(list) ?? []), ...splitPage(await bundle.read(path))])
    else if (path.startsWith('logs/')) logs[path] = (await bundle.read(path)).toString('latin1')
    else if (ANSWER.test(path)) answers[path] = (await bundle.read(path)).toString('latin1')
  }
  return {
    objects: Object.fromEntries([...objects].map(([list, texts]) => [list, texts.sort()])),
    logs,
    answers,
    denied: bundle.manifest.ledger
      .filter(isDeniedList)
      .map(({ scope }) => `${scope.resource} ${scope.namespace ?? ''}`),
  }
}

/** The scanner of the server finds the objects, and what JSON.parse finds says that it found them all. */
function splitPage(page: Buffer): string[] {
  const texts: string[] = []
  scanPage(page, wantPaths([]), ({ start, end }) => texts.push(page.toString('utf8', start, end)))
  const { items } = JSON.parse(page.toString('utf8')) as { items: unknown[] | null }
  if (JSON.stringify(texts.map((text) => JSON.parse(text))) !== JSON.stringify(items ?? []))
    throw new Error(`The scan of a page found other objects than JSON.parse: ${texts.length}`)
  return texts
}

function isDeniedList({ scope, status, collector }: LedgerLine): boolean {
  return status === 'denied' && collector !== 'changes' && scope.resource !== undefined && scope.name === undefined
}

/** What is not the same, some of it and cut, because a diff of thousands of objects can be read by nobody. */
export function differences(
  seen: Readonly<Record<string, string | readonly string[]>>,
  held: Readonly<Record<string, string | readonly string[]>>,
): object[] {
  const compare = ([name, wanted]: [string, string | readonly string[]]) => {
    const there = [seen[name] ?? []].flat()
    const expected = [wanted].flat()
    const missing = expected.filter((text, n) => text !== there[n] && !there.includes(text))
    const unexpected = there.filter((text, n) => text !== expected[n] && !expected.includes(text))
    if (there.length === expected.length && missing.length + unexpected.length === 0) return []
    const shown = (texts: readonly string[]) => texts.slice(0, 3).map((text) => text.slice(0, 600))
    return [
      {
        name,
        bytes: [there.join('').length, expected.join('').length],
        counts: [there.length, expected.length],
        missing: shown(missing),
        unexpected: shown(unexpected),
      },
    ]
  }
  return Object.entries(held).flatMap(compare).slice(0, 5)
}
