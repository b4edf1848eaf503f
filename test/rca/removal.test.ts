import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../src/bundle/format.ts'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { analyze } from '../../src/rca/analyze.ts'
import type { Report, ReportFinding } from '../../src/rca/report.ts'

const FOLDER = new URL('../../fixtures/incidents', import.meta.url).pathname
const names = readdirSync(FOLDER).sort()

/** Kinds that are taken away of one incident: all of them, of all incidents, are 1,500 analyses of a tenth of a second. */
const SAMPLE = 3

const opened: BundleReader[] = []
afterAll(async () => {
  for (const bundle of opened) await bundle.close()
})

describe.each(names.map((name, index) => [name, index] as const))('%s', (name, index) => {
  it('gets no wrong confirmed cause by evidence that was denied, or is not there', { timeout: 30_000 }, async () => {
    const bundle = await openBundle(join(FOLDER, name, 'bundle.tar.gz'))
    opened.push(bundle)
    const whole = await explain(bundle)
    const right = new Set([...acceptedIn(name), ...whole.causes.flatMap(tellRight)])
    for (const [turn, kind] of choose(bundle, whole, index).entries()) {
      const { causes } = await explain((turn + index) % 2 === 0 ? deny(bundle, kind) : remove(bundle, kind))
      const sure = causes.filter(({ confidence }) => confidence === 'confirmed')
      const wrong = sure.filter((cause) => !right.has(cause.rule) && !right.has(nameOf(cause)))
      expect(wrong.map(nameOf), `without ${kind}`).toEqual([])
    }
  })
})

function explain(bundle: BundleReader): Promise<Report> {
  return analyze(bundle, { name: 'bundle.tar.gz', toolVersion: 'test' })
}

/** The rules that `expected.json` takes for right. */
function acceptedIn(name: string): readonly string[] {
  const expected = JSON.parse(readFileSync(join(FOLDER, name, 'expected.json'), 'utf8'))
  return [expected.top, ...(expected.causes ?? [])].flatMap((wanted) => wanted?.rule ?? [])
}

/** A cause of the whole bundle, with what stands in its chain and set it off. */
function tellRight(cause: Report['causes'][number]): readonly string[] {
  return [cause, ...cause.chain, ...cause.triggers].map(nameOf)
}

function nameOf({ rule, subject }: Pick<ReportFinding, 'rule' | 'subject'>): string {
  return `${rule} ${subject.kind} ${subject.name}`
}

/** The kinds that the report quotes, which tell most, and others to fill up; not the same ones for every incident. */
function choose(bundle: BundleReader, { citations }: Report, index: number): readonly string[] {
  const cited = new Set(citations.map(({ file }) => file))
  const held = bundle.manifest.ledger.filter(({ files }) => files.length > 0)
  const telling = [...new Set(held.filter(({ files }) => files.some((file) => cited.has(file))).map(kindOf))].sort()
  const others = [...new Set(held.map(kindOf))].filter((kind) => !telling.includes(kind)).sort()
  return [...turn(telling, index).slice(0, SAMPLE), ...turn(others, index)].slice(0, SAMPLE)
}

function turn(kinds: readonly string[], by: number): readonly string[] {
  const start = kinds.length === 0 ? 0 : by % kinds.length
  return [...kinds.slice(start), ...kinds.slice(0, start)]
}

function kindOf({ scope, collector }: LedgerLine): string {
  return scope.resource === 'pods/log' ? 'logs' : (scope.resource ?? collector)
}

/** As if the identity might not have read it: the ledger says so. */
function deny(bundle: BundleReader, kind: string): BundleReader {
  return without(bundle, kind, (line): LedgerLine[] => [
    { ...line, status: 'denied', reason: 'the identity "ops" may not', files: [] },
  ])
}

/** As if nobody had asked for it: neither files nor a word in the ledger. */
function remove(bundle: BundleReader, kind: string): BundleReader {
  return without(bundle, kind, () => [])
}

function without(bundle: BundleReader, kind: string, instead: (line: LedgerLine) => LedgerLine[]): BundleReader {
  const { manifest } = bundle
  const gone = new Set(manifest.ledger.filter((line) => kindOf(line) === kind).flatMap(({ files }) => files))
  return {
    ...bundle,
    files: new Map([...bundle.files].filter(([path]) => !gone.has(path))),
    manifest: {
      ...manifest,
      ledger: manifest.ledger.flatMap((line) => (kindOf(line) === kind ? instead(line) : [line])),
    },
  }
}
