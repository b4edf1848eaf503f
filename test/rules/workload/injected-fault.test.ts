import { describe, expect, it } from 'vitest'
import { injectedFault } from '../../../src/rules/workload/injected-fault.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { served, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const caller = { containers: [{ spec: { env: [{ name: 'PAY_ADDR', value: 'pay:80' }] } }] }
const shop = [...served('web', caller), ...served('pay'), ...served('other')]

const errors = (name: string, first: number): Record<string, string> => ({
  [`shop/${name}-6c8f7d9b5-abcde/app`]: [first, first / 2, 20]
    .map((seconds) => `${ago(Math.round(seconds))} ERROR failed to charge: context deadline exceeded\n`)
    .join(''),
})

const delay = (target: string, phase = 'Injected', owner?: string): Thing =>
  thing('chaos-mesh.org/v1alpha1', 'NetworkChaos', 'shop/slow', {
    metadata: {
      creationTimestamp: ago(640),
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'Schedule', name: owner, uid: 'x' }] }),
    },
    spec: { action: 'delay', mode: 'all', selector: { namespaces: ['shop'], labelSelectors: { app: target } } },
    status: {
      experiment: {
        desiredPhase: phase === 'Injected' ? 'Run' : 'Stop',
        containerRecords: [
          {
            id: `shop/${target}-6c8f7d9b5-abcde`,
            phase,
            events: [{ operation: 'Apply', type: 'Succeeded', timestamp: ago(630) }],
          },
        ],
      },
    },
  })

const engine = (status: string): Thing =>
  thing('litmuschaos.io/v1alpha1', 'ChaosEngine', 'shop/loss', {
    metadata: { creationTimestamp: ago(640) },
    spec: { engineState: 'active', appinfo: { appns: 'shop', applabel: 'app=pay' } },
    status: { engineStatus: 'initialized', experiments: [{ name: 'pod-network-loss', status }] },
  })

const schedule = (last: number, annotations = {}): Thing =>
  thing('chaos-mesh.org/v1alpha1', 'Schedule', 'shop/kills', {
    metadata: { creationTimestamp: ago(3600), annotations },
    spec: {
      schedule: '@every 1m',
      type: 'PodChaos',
      podChaos: { action: 'pod-kill', mode: 'one', selector: { labelSelectors: { app: 'pay' } } },
    },
    status: { time: ago(last) },
  })

describe('injected-fault', () => {
  it('names the experiment whose target slows down who calls it', async () => {
    const outcome = await evaluate(injectedFault, { objects: [...shop, delay('pay')], logs: errors('web', 600) })
    expect(subjectsOf(outcome)).toEqual(['NetworkChaos shop/slow'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('Chaos Mesh: NetworkChaos delay')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('names the schedule that makes the experiment', async () => {
    const objects = [...shop, delay('pay', 'Injected', 'nightly')]
    const outcome = await evaluate(injectedFault, { objects, logs: errors('web', 600) })
    expect(subjectsOf(outcome)).toEqual(['Schedule shop/nightly'])
  })

  it('names a schedule that ran lately, without what it made', async () => {
    const outcome = await evaluate(injectedFault, { objects: [...shop, schedule(40)], logs: errors('web', 600) })
    expect(subjectsOf(outcome)).toEqual(['Schedule shop/kills'])
  })

  it('names an engine of Litmus whose experiment runs', async () => {
    const outcome = await evaluate(injectedFault, { objects: [...shop, engine('Running')], logs: errors('web', 600) })
    expect(subjectsOf(outcome)).toEqual(['ChaosEngine shop/loss'])
  })

  it.each([
    ['an experiment that has recovered', delay('pay', 'Not Injected'), 600],
    ['an engine that is done', engine('Completed'), 600],
    ['a schedule that is paused', schedule(40, { 'experiment.chaos-mesh.org/pause': 'true' }), 600],
    ['a schedule that has not run lately', schedule(3000), 600],
    ['an experiment on what nobody who fails calls', delay('other'), 600],
    ['what failed before it was injected', delay('pay'), 3000],
  ])('is quiet about %s', async (_, experiment, first) => {
    const { findings, rejections } = await evaluate(injectedFault, {
      objects: [...shop, experiment],
      logs: errors('web', first),
    })
    expect(findings).toEqual([])
    expect(rejections).toHaveLength(1)
  })

  it('does not take it for why an image cannot be pulled', async () => {
    const waiting = { ready: false, state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } }
    const pay = served('pay', { created: 300, ready: false, containers: [{ status: waiting }] })
    const { findings } = await evaluate(injectedFault, { objects: [...pay, delay('pay')] })
    expect(findings).toEqual([])
  })
})
