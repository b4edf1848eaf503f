import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { bundleOf } from '../incident/scene.ts'
import { cases, withNeighbour } from './cases.ts'

describe('the first cause', () => {
  it.each(cases)('of $name', async ({ scene, rules, subject }) => {
    const { causes } = await analyze(bundleOf(withNeighbour(scene)), { name: 'scene', toolVersion: '0' })
    const told = causes.map((cause) => `${cause.rule} ${cause.subject.kind} ${cause.subject.name} ${cause.confidence}`)
    expect(rules, told.join('; ')).toContain(causes[0]?.rule)
    expect(`${causes[0]?.subject.kind} ${causes[0]?.subject.name}`, told.join('; ')).toMatch(subject)
  })
})
