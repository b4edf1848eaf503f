import { describe, expect, it } from 'vitest'
import type { BundleReader } from '../../src/bundle/reader.ts'
import { analyze } from '../../src/rca/analyze.ts'
import type { Report, ReportFinding } from '../../src/rca/report.ts'
import { ago, bundleOf, resourceOf, type Scene, type Thing } from '../incident/scene.ts'
import { thing } from '../incident/things.ts'
import { cases, withNeighbour } from './cases.ts'

function explain(bundle: BundleReader): Promise<Report> {
  return analyze(bundle, { name: 'scene', toolVersion: '0' })
}

function nameOf({ rule, subject }: Pick<ReportFinding, 'rule' | 'subject'>): string {
  return `${rule} ${subject.name}`
}

describe.each(cases)('$name', ({ scene, rules, subject }) => {
  const whole = withNeighbour(scene)
  const kinds = [...new Set(whole.objects.map(resourceOf)), 'logs']

  it('never gets a wrong confirmed cause by evidence that is missing, of one kind or of two', async () => {
    // What stands behind the cause in its chain is true as well.
    const known = new Set(
      (await explain(bundleOf(whole))).causes.flatMap((cause) => [cause, ...cause.chain]).map(nameOf),
    )
    const pairs = kinds.map((kind, index) => [kind, kinds[(index + 1) % kinds.length] ?? kind])
    for (const denied of [...kinds.map((kind) => [kind]), ...pairs]) {
      const { causes } = await explain(bundleOf({ ...whole, denied }))
      const sure = causes.filter(({ confidence, rule }) => confidence === 'confirmed' && !rules.includes(rule))
      const wrong = sure.map(nameOf).filter((name) => !known.has(name))
      expect(wrong, `without ${denied.join(' and ')}`).toEqual([])
    }
  })

  it('gets the same bytes whatever the order of its files', async () => {
    const bundle = bundleOf(whole)
    const turned = { ...bundle, files: new Map([...bundle.files].reverse()) }
    expect(JSON.stringify(await explain(turned))).toBe(JSON.stringify(await explain(bundle)))
  })

  it('gets the same cause from nodes whose clocks are two minutes ahead', async () => {
    const { causes } = await explain(bundleOf({ ...whole, objects: ahead(whole.objects, 120) }))
    expect(rules).toContain(causes[0]?.rule)
    expect(`${causes[0]?.subject.kind} ${causes[0]?.subject.name}`).toMatch(subject)
  })
})

it('gives the same bytes a hundred times', async () => {
  const scene = withNeighbour(cases[11]?.scene as Scene)
  const first = JSON.stringify(await explain(bundleOf(scene)))
  for (let run = 1; run < 100; run++) expect(JSON.stringify(await explain(bundleOf(scene)))).toBe(first)
})

/** What kubelets write by their own clocks, with the lease that gives the clock away. */
function ahead(objects: readonly Thing[], seconds: number): readonly Thing[] {
  const shift = (text: string): string =>
    new Date(Date.parse(text) + seconds * 1000).toISOString().replace('.000Z', 'Z')
  const shifted = objects.map((object): Thing => {
    if (object.kind !== 'Pod') return object
    const text = JSON.stringify(object).replace(
      /"(startedAt|finishedAt)":"([^"]+)"/g,
      (_, key, at) => `"${key}":"${shift(at)}"`,
    )
    return JSON.parse(text)
  })
  const leases = objects
    .filter(({ kind }) => kind === 'Node')
    .map((one) => {
      const { name } = one.metadata as { name: string }
      const managedFields = [
        { manager: 'kubelet', operation: 'Update', time: ago(10), fieldsV1: { 'f:spec': { 'f:renewTime': {} } } },
      ]
      return thing('coordination.k8s.io/v1', 'Lease', `kube-node-lease/${name}`, {
        metadata: { managedFields },
        spec: { holderIdentity: name, renewTime: shift(ago(10)) },
      })
    })
  return [...shifted, ...leases]
}
