import { describe, expect, it } from 'vitest'
import { featureFlagChange } from '../../../src/rules/workload/feature-flag-change.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { replicaSet, served, thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function runs(name: string, image: string, options: { spec?: object; env?: readonly object[] } = {}): readonly Thing[] {
  return served(name, { containers: [{ image, spec: { env: options.env ?? [] } }], spec: { ...options.spec } })
}

const mount = { volumes: [{ name: 'flags', configMap: { name: 'flags' } }] }
const provider = (image = 'ghcr.io/open-feature/flagd:v0.12.9') => runs('flags', image, { spec: mount })
const asker = runs('pay', 'registry.example/pay:1', { env: [{ name: 'FLAGS_HOST', value: 'flags' }] })
const flags = (written: number): Thing =>
  thing('v1', 'ConfigMap', 'shop/flags', {
    metadata: { managedFields: [wrote('kubectl-edit', written, { 'f:data': { 'f:flags.json': {} } })] },
    data: { 'flags.json': '{}' },
  })

const errors = (name: string, words = 'the loyalty level is not known', first = 600): Record<string, string> => ({
  [`shop/${name}-6c8f7d9b5-abcde/app`]: `${ago(3600)} started\n${[first, first / 2, 20]
    .map((seconds) => `${ago(Math.round(seconds))} ERROR ${words}\n`)
    .join('')}`,
})

const generation = (name: string, revision: number, created: number, image: string): Thing =>
  replicaSet(`shop/${name}`, 'pay', revision, {
    metadata: { creationTimestamp: ago(created) },
    spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
  })

const rollout = [
  generation('pay-5f7d8c9b4d', 1, 90_000, 'registry.example/pay:1'),
  generation('pay-6c8f7d9b5', 2, 660, 'registry.example/pay:2'),
]

describe('feature-flag-change', () => {
  it('names the flags that were written before those who ask for them fail', async () => {
    const outcome = await evaluate(featureFlagChange, {
      objects: [...provider(), ...asker, flags(640)],
      logs: errors('pay'),
    })
    expect(subjectsOf(outcome)).toEqual(['ConfigMap shop/flags'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'pay' })
  })

  it('says so when a log names the flag', async () => {
    const outcome = await evaluate(featureFlagChange, {
      objects: [...provider(), ...asker, ...rollout, flags(640)],
      logs: errors('pay', 'Pay Fail Feature Flag Enabled'),
    })
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('a log names the flag')
  })

  it('is weak where who fails was rolled out at the same time', async () => {
    const outcome = await evaluate(featureFlagChange, {
      objects: [...provider(), ...asker, ...rollout, flags(640)],
      logs: errors('pay'),
    })
    expect(outcome.findings[0]).toMatchObject({ strength: 'weak' })
  })

  it.each([
    ['flags that were written long before', [...provider(), ...asker, flags(4000)], errors('pay')],
    ['flags that were written after it began', [...provider(), ...asker, flags(640)], errors('pay', 'no', 3000)],
    ['who fails and asks for none', [...provider(), ...runs('web', 'web:1'), flags(640)], errors('web')],
    ['a ConfigMap that holds no flags', [...provider('registry.example/web:1'), ...asker, flags(640)], errors('pay')],
  ])('is quiet about %s', async (_, objects, logs) => {
    const { findings } = await evaluate(featureFlagChange, { objects, logs })
    expect(findings).toEqual([])
  })
})
