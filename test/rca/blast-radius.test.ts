import { expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { ago, bundleOf, type Scene } from '../incident/scene.ts'
import { pod } from '../incident/things.ts'
import { withNeighbour } from './cases.ts'

async function reachOf(scene: Scene): Promise<string> {
  const report = await analyze(bundleOf(withNeighbour(scene)), { name: 'scene', toolVersion: '0' })
  return report.blastRadius.says
}

const well = pod('shop/web-6b7c8d9f5-abcde', { owner: 'ReplicaSet/web-6b7c8d9f5' })

it('of failures that only logs tell of names who logs them', async () => {
  const line = `${ago(20)} level=error msg="order not stored" error="deadlock detected"\n`
  expect(await reachOf({ objects: [well], logs: { 'shop/web-6b7c8d9f5-abcde/app': line.repeat(5) } })).toBe(
    '1 workload logs failures; nothing else is seen to be broken.',
  )
})

it('of a cluster that is well is nothing', async () => {
  expect(await reachOf({ objects: [well] })).toBe('Nothing is seen to be broken.')
})
