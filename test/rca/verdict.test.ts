import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import type { Report } from '../../src/rca/report.ts'
import { ago, bundleOf, repeated, type Scene } from '../incident/scene.ts'
import { pod } from '../incident/things.ts'
import { withNeighbour } from './cases.ts'

async function verdictOf(scene: Scene): Promise<Report['verdict']> {
  return (await analyze(bundleOf(withNeighbour(scene)), { name: 'scene', toolVersion: '0' })).verdict
}

const objects = [pod('shop/web-6b7c8d9f5-abcde', { owner: 'ReplicaSet/web-6b7c8d9f5' })]

it('calls a cluster healthy where its pods were seen, and are', async () => {
  expect(await verdictOf({ objects })).toMatchObject({ status: 'healthy' })
})

it('says that it judged a cluster without its logs and events', async () => {
  const logs = { 'shop/web-6b7c8d9f5-abcde/app': `${ago(60)} started\n` }
  expect(await verdictOf({ objects, logs })).toMatchObject({ says: 'Nothing is seen to be broken.' })
  expect(await verdictOf({ objects, logs, denied: ['events', 'logs', 'nodes'] })).toEqual({
    status: 'healthy',
    confidence: null,
    says: 'Nothing is seen to be broken, as far as is seen without nodes, logs and events.',
  })
})

describe('of pods that are well, and log failures', () => {
  const verdictOfLog = (log: string) => verdictOf({ objects, logs: { 'shop/web-6b7c8d9f5-abcde/app': log } })
  const served = repeated('INFO served', 400, 20_000, 3700)
  const lost = 'ERROR cannot place order: total is negative'
  const hung = 'ERROR Get "http://stock.example.com/": context deadline exceeded'

  it('is not healthy where they began an hour ago, whatever they are', async () => {
    const verdict = await verdictOfLog(served + repeated(lost, 80, 3600, 10))
    expect(verdict).toMatchObject({ status: 'unsure', confidence: null })
    expect(verdict.says).toMatch(
      /^Nothing in the bundle says why: web logs failures \(80 lines\): ERROR cannot place order/,
    )
  })

  it('tells what is possible where failed calls fill the log', async () => {
    const verdict = await verdictOfLog(repeated(hung, 80, 3600, 10))
    expect(verdict).toMatchObject({ status: 'unsure', confidence: 'possible' })
    expect(verdict.says).toContain('stock.example.com')
  })

  it('tells what is possible where a call that is reset fills the log, of a host that is named', async () => {
    const reset = 'ERROR Get "http://stock.example.com/": read tcp: connection reset by peer'
    expect(await verdictOfLog(repeated(reset, 80, 3600, 10))).toMatchObject({ status: 'unsure' })
  })

  it('is healthy where the instance before the last restart logged them', async () => {
    const logs = {
      'shop/web-6b7c8d9f5-abcde/app': repeated('INFO served', 20, 1700, 10),
      'shop/web-6b7c8d9f5-abcde/app.previous': served + repeated(lost, 80, 3600, 10),
    }
    expect(await verdictOf({ objects, logs })).toMatchObject({ status: 'healthy' })
  })

  it.each([
    ['are warnings', served + repeated('WARN cannot place order: total is negative', 80, 3600, 10)],
    ['come now and then', repeated(hung, 40, 80_000, 10)],
    ['are over', repeated(hung, 80, 3600, 1800) + repeated('INFO served', 20, 1700, 10)],
    ['are no calls, and fill a log that may always have been so', repeated(lost, 80, 3600, 10)],
    ['are clients that go away', repeated('ERROR write: broken pipe', 80, 3600, 10)],
    ['are of telemetry', repeated(hung.replace('stock', 'otel'), 80, 3600, 10)],
  ])('is healthy where they %s', async (_, log) => {
    expect(await verdictOfLog(log)).toMatchObject({ status: 'healthy' })
  })
})

it('never takes pods that were not collected for healthy ones', async () => {
  expect(await verdictOf({ objects, denied: ['pods'] })).toEqual({
    status: 'unsure',
    confidence: null,
    says: 'Nothing is seen to be broken, but no pods are in the bundle: denied: the identity "ops" lacks list pods.',
  })
})

it.each([
  ['nodes', 'nodes'],
  ['services', 'services'],
  ['endpointslices.discovery.k8s.io', 'endpointslices'],
  ['replicasets.apps', 'replicasets'],
])('says that it judged a cluster without its %s', async (kind, name) => {
  const logs = { 'shop/web-6b7c8d9f5-abcde/app': `${ago(60)} started\n` }
  expect(await verdictOf({ objects, logs, denied: [kind] })).toMatchObject({
    status: 'healthy',
    says: `Nothing is seen to be broken, as far as is seen without ${name}.`,
  })
})

it.each(['deployments', 'statefulsets', 'daemonsets'])(
  'calls nothing healthy whose %s were not collected',
  async (kind) => {
    const verdict = await verdictOf({ objects, denied: [`${kind}.apps`] })
    expect(verdict.status).toBe('unsure')
    expect(verdict.says).toContain(`no ${kind} are in the bundle`)
  },
)
