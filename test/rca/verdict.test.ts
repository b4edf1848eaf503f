import { expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import type { Report } from '../../src/rca/report.ts'
import { bundleOf, type Scene } from '../incident/scene.ts'
import { pod } from '../incident/things.ts'
import { withNeighbour } from './cases.ts'

async function verdictOf(scene: Scene): Promise<Report['verdict']> {
  return (await analyze(bundleOf(withNeighbour(scene)), { name: 'scene', toolVersion: '0' })).verdict
}

const objects = [pod('shop/web-6b7c8d9f5-abcde', { owner: 'ReplicaSet/web-6b7c8d9f5' })]

it('calls a cluster healthy where its pods were seen, and are', async () => {
  expect(await verdictOf({ objects })).toMatchObject({ status: 'healthy' })
  expect(await verdictOf({ objects, denied: ['events', 'logs', 'nodes'] })).toMatchObject({ status: 'healthy' })
})

it('never takes pods that were not collected for healthy ones', async () => {
  expect(await verdictOf({ objects, denied: ['pods'] })).toEqual({
    status: 'unsure',
    confidence: null,
    says: 'Nothing is seen to be broken, but no pods are in the bundle: denied: the identity "ops" lacks list pods.',
  })
})
