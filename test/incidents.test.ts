import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openBundle } from '../src/bundle/reader.ts'
import { analyze } from '../src/rca/analyze.ts'
import type { Cause, Report } from '../src/rca/report.ts'

const FOLDER = new URL('../fixtures/incidents', import.meta.url).pathname

/** What is expected of a recorded incident: its `expected.json`. */
type Expected = { readonly healthy: true } | Incident

interface Incident {
  readonly healthy?: never
  /** The first cause. Any of the rules, about any of the subjects. */
  readonly top: Wanted
  readonly confidence: readonly string[]
  /** Rules that are in the chain of the first cause, made it worse, or saw what it explains. */
  readonly also: readonly string[]
  /** Rules that may not be confirmed, nor probable. */
  readonly never: readonly string[]
  /** All the causes that are to be found, where there are several incidents. */
  readonly causes?: readonly Wanted[]
}

interface Wanted {
  readonly rule: readonly string[]
  readonly subject: Subject | readonly Subject[]
  /** How sure, where it is not as sure as the others. */
  readonly confidence?: readonly string[]
}

interface Subject {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

const names = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'expected.json')))

it('every recorded incident says what is expected of it', () => {
  expect(names).toEqual(readdirSync(FOLDER))
})

describe.each(names)('%s', (name) => {
  const expected = JSON.parse(readFileSync(join(FOLDER, name, 'expected.json'), 'utf8')) as Expected

  it('is explained as it was', { timeout: 30_000 }, async () => {
    const report = await explain(join(FOLDER, name, 'bundle.tar.gz'))
    if (expected.healthy) expect(tellHealth(report)).toEqual({ status: 'healthy', sure: [] })
    else expect(listFaults(report, expected)).toEqual([])
  })
})

async function explain(path: string): Promise<Report> {
  const bundle = await openBundle(path)
  try {
    return await analyze(bundle, { name: 'bundle.tar.gz', toolVersion: 'test' })
  } finally {
    await bundle.close()
  }
}

function tellHealth({ verdict, causes }: Report): { status: string; sure: string[] } {
  return { status: verdict.status, sure: causes.filter(isSure).map(tell) }
}

/** What a report says otherwise than expected, in words that tell what it says instead. */
function listFaults(
  { causes, symptoms }: Report,
  { top, confidence, also, never, causes: all = [] }: Incident,
): string[] {
  const [first] = causes
  if (!first) return ['no cause at all']
  const explained = first.explains.flatMap((index) => symptoms[index] ?? [])
  const findings = [first.chain, first.triggers, first.amplifiers, first.sustaining, explained].flat()
  const told = findings.map(({ rule }) => rule)
  return [
    ...(isWanted(first, top) ? [] : [`first: ${tell(first)}`]),
    ...(confidence.includes(first.confidence) ? [] : [`confidence: ${first.confidence}`]),
    ...also.filter((rule) => !told.includes(rule)).map((rule) => `not in the chain: ${rule} (${told.join(', ')})`),
    ...causes.filter((cause) => isSure(cause) && never.includes(cause.rule)).map((cause) => `never: ${tell(cause)}`),
    ...all
      .filter((wanted) => {
        const sure = wanted.confidence ?? confidence
        return !causes.some((cause) => sure.includes(cause.confidence) && !cause.alternative && isWanted(cause, wanted))
      })
      .map((wanted) => `not found: ${JSON.stringify(wanted)}`),
  ]
}

function isWanted({ rule, subject }: Cause, wanted: Wanted): boolean {
  const subjects = [wanted.subject].flat()
  return (
    wanted.rule.includes(rule) &&
    subjects.some(
      ({ kind, namespace, name }) =>
        kind === subject.kind && namespace === subject.namespace && (name === subject.name || isAnyPod(name, subject)),
    )
  )
}

/** `payments-*` is any pod of the payments. */
function isAnyPod(name: string, subject: Subject): boolean {
  return name.endsWith('-*') && subject.name.startsWith(name.slice(0, -1))
}

function isSure({ confidence }: Cause): boolean {
  return confidence === 'confirmed' || confidence === 'probable'
}

function tell({ rule, confidence, subject: { kind, namespace, name } }: Cause): string {
  return `${rule} of ${kind} ${namespace ? `${namespace}/` : ''}${name}, ${confidence}`
}
