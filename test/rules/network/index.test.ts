import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { network } from '../../../src/rules/network/index.ts'
import type { Rule } from '../../../src/rules/rule.ts'
import { evaluate } from '../check.ts'

const needy: readonly Rule[] = network.filter((rule: Rule) =>
  rule.needs.some((kind) => /^(?:aws-|pod-network|socket-counters)/.test(kind)),
)

describe('the rules of networks', () => {
  it('are the files of their folder', () => {
    const files = readdirSync('src/rules/network').map((file) => file.replace(/\.ts$/, ''))
    for (const { id } of network) expect(files).toContain(id)
  })

  it.each(needy.map((rule) => [rule.id, rule] as const))('%s says what it lacks', async (_, rule) => {
    const outcome = await evaluate(rule, { objects: [] })
    expect(outcome.status).toBe('not-evaluated')
  })
})
