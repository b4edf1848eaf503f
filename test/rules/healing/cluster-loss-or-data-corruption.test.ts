import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../../src/bundle/format.ts'
import { readIncident } from '../../../src/incident/incident.ts'
import { evaluateRules } from '../../../src/rules/evaluate.ts'
import { clusterLossOrDataCorruption } from '../../../src/rules/healing/cluster-loss-or-data-corruption.ts'
import { bundleOf } from '../../incident/scene.ts'

async function outcomeOf(status: LedgerLine['status'], healthy: number, lists = Infinity) {
  const bundle = bundleOf({ objects: [] })
  const ledger = bundle.manifest.ledger
    .slice(0, lists)
    .map((line, index) => (index < healthy ? line : { ...line, status, reason: 'connect ETIMEDOUT' }))
  return evaluateRules(await readIncident({ ...bundle, manifest: { ...bundle.manifest, ledger } }), [
    clusterLossOrDataCorruption,
  ])[0]
}

describe('cluster-loss-or-data-corruption', () => {
  it('says that nothing answered', async () => {
    const outcome = await outcomeOf('timed-out', 0)
    expect(outcome?.findings[0]).toMatchObject({ subject: { kind: 'Cluster' }, strength: 'weak' })
    expect(outcome?.findings[0]?.cites[0]).toMatchObject({ file: 'manifest.json', words: 'timed-out' })
  })

  it('is quiet where one list came, or all were denied', async () => {
    expect((await outcomeOf('timed-out', 1))?.status).toBe('clear')
    expect((await outcomeOf('denied', 0))?.status).toBe('clear')
  })

  it('is quiet where only a few lists were asked for', async () => {
    expect((await outcomeOf('timed-out', 0, 4))?.status).toBe('clear')
  })
})
