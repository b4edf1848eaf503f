import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { analyze } from '../../src/rca/analyze.ts'
import { CONFIDENCES, REPORT_FORMAT, type Report } from '../../src/rca/report.ts'
import { DOMAINS } from '../../src/rules/rule.ts'
import { bundleOf, type Scene } from '../incident/scene.ts'
import { healthyReport, sampleReport } from '../report/sample-report.ts'

const schema = JSON.parse(readFileSync(new URL('../../src/rca/report.schema.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)) && /^\d{4}-.*Z$/.test(text))
const isReport = ajv.compile(schema)

const INCIDENTS = ['crash-loop-after-config-change', 'cpu-throttling-liveness-kills', 'unschedulable-after-rollout']

it.each(INCIDENTS)('holds for the report of %s', async (name) => {
  const path = new URL(`../../fixtures/incidents/${name}/bundle.tar.gz`, import.meta.url).pathname
  const bundle = await openBundle(path)
  const report = await analyze(bundle, { name: 'bundle.tar.gz', toolVersion: '0.0.0' })
  await bundle.close()
  expect(errorsOf(report)).toEqual([])
})

it('holds for the report of a cluster that is well, and of one of which nothing may be read', async () => {
  expect(errorsOf(await reportOf({ objects: [] }))).toEqual([])
  expect(errorsOf(await reportOf({ objects: [], denied: ['pods', 'nodes', 'events', 'logs'] }))).toEqual([])
})

it('holds for the reports that the tests of drawing are made with', () => {
  expect(errorsOf(sampleReport())).toEqual([])
  expect(errorsOf(healthyReport())).toEqual([])
})

it('knows every word that the report may use', () => {
  expect(schema.properties.format.properties).toEqual({
    type: { const: REPORT_FORMAT.type },
    version: { const: REPORT_FORMAT.version },
  })
  expect(schema.$defs.domain.enum).toEqual(DOMAINS)
  expect(schema.$defs.cause.properties.confidence.enum).toEqual(CONFIDENCES)
})

it('refuses a report that lacks a field, or has one more, at every depth', () => {
  const [first] = sampleReport().causes
  for (const key of Object.keys(sampleReport()))
    expect(errorsOf({ ...sampleReport(), [key]: undefined }), key).not.toEqual([])
  for (const key of Object.keys(first ?? {}))
    expect(errorsOf({ ...sampleReport(), causes: [{ ...first, [key]: undefined }] }), key).not.toEqual([])
  expect(errorsOf({ ...sampleReport(), more: 1 })).not.toEqual([])
  expect(errorsOf({ ...sampleReport(), causes: [{ ...first, more: 1 }] })).not.toEqual([])
  expect(errorsOf({ ...sampleReport(), causes: [{ ...first, cites: [] }] })).not.toEqual([])
})

function reportOf(scene: Scene): Promise<Report> {
  return analyze(bundleOf(scene), { name: 'bundle.tar.gz', toolVersion: '0.0.0' })
}

function errorsOf(report: unknown): string[] {
  isReport(JSON.parse(JSON.stringify(report)))
  return (isReport.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}
