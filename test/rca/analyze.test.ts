import { describe, expect, it } from 'vitest'
import { type AnalyzeOptions, analyze } from '../../src/rca/analyze.ts'
import { ago, bundleOf, type Scene } from '../incident/scene.ts'
import { crashed, event, pod } from '../incident/things.ts'
import { withNeighbour } from './cases.ts'

const MISSING =
  'Failed to pull image "registry.example/cart:9": failed to resolve reference "registry.example/cart:9": registry.example/cart:9: not found'

/** Two workloads that fail, each for a reason of its own. */
const scene: Scene = withNeighbour({
  objects: [
    pod('shop/cart-6b7c8d9f5-abcde', {
      owner: 'ReplicaSet/cart-6b7c8d9f5',
      created: 500,
      ready: false,
      status: { phase: 'Pending' },
      containers: [
        {
          status: {
            ready: false,
            state: {
              waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "registry.example/cart:9"' },
            },
          },
        },
      ],
    }),
    event('shop', 'Pod/cart-6b7c8d9f5-abcde', 'Failed', MISSING, { first: 490, last: 30 }),
    pod('pay/bank-7c8d9f5b6-abcde', {
      owner: 'ReplicaSet/bank-7c8d9f5b6',
      ready: false,
      status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(60) }] },
      containers: [
        {
          spec: { resources: { limits: { memory: '64Mi' } } },
          status: crashed({ reason: 'OOMKilled', exitCode: 137 }),
        },
      ],
    }),
  ],
})

const explain = (options: Partial<AnalyzeOptions> = {}) =>
  analyze(bundleOf(scene), { name: 'scene', toolVersion: '0', ...options })

describe('two incidents at once', () => {
  it('have a cause each, and neither is told as the alternative of the other', async () => {
    const { causes, verdict } = await explain()
    const own = causes.filter(({ alternative }) => !alternative)
    expect(own.map(({ rule, subject }) => `${rule} ${subject.name}`).sort()).toEqual([
      'container-oomkilled bank',
      'image-not-found cart',
    ])
    expect(verdict.says).toContain('1 more incident')
  })

  it('are told apart by the focus', async () => {
    const { causes, symptoms } = await explain({ focus: { kind: 'Deployment', namespace: 'pay', name: 'bank' } })
    expect(causes.map(({ subject }) => subject.name)).toEqual(['bank'])
    expect(symptoms.every(({ subject }) => subject.name === 'bank')).toBe(true)
  })

  it('are left out where they began later than asked', async () => {
    const { causes } = await explain({ to: Date.parse(ago(300)) })
    expect(causes.map(({ subject }) => subject.name)).toEqual(['cart'])
  })
})

it('refuses a focus that the bundle does not hold', async () => {
  const focus = { kind: 'Deployment', namespace: 'shop', name: 'nobody' }
  await expect(explain({ focus })).rejects.toMatchObject({ code: 'FOCUS_MISSING' })
})

it('says of every rule what became of it', async () => {
  const bundle = bundleOf({ ...scene, denied: ['pods'] })
  const { rules, coverage } = await analyze(bundle, { name: 'scene', toolVersion: '0' })
  expect(rules.find(({ id }) => id === 'container-oomkilled')).toMatchObject({
    status: 'not-evaluated',
    why: expect.stringContaining('pods'),
  })
  expect(coverage.find(({ evidence }) => evidence === 'pods')).toMatchObject({ how: 'none' })
})

it('tells what failing pods have in common where nothing says why they fail', async () => {
  const ill = ['a', 'b', 'c'].map((name) =>
    pod(`shop/${name}-6b7c8d9f5-${name.repeat(5)}`, {
      owner: `ReplicaSet/${name}-6b7c8d9f5`,
      node: 'node-1',
      ready: false,
      containers: [{ status: { ready: false } }],
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'ContainersNotReady',
            message: 'containers with unready status: [app]',
            lastTransitionTime: ago(600),
          },
        ],
      },
    }),
  )
  const twin = pod('shop/a-6b7c8d9f5-zzzzz', {
    owner: 'ReplicaSet/a-6b7c8d9f5',
    node: 'node-1',
    ready: false,
    containers: [{ status: { ready: false } }],
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'ContainersNotReady',
          message: 'containers with unready status: [app]',
          lastTransitionTime: ago(600),
        },
      ],
    },
  })
  const { causes } = await analyze(bundleOf(withNeighbour({ objects: [...ill, twin] })), {
    name: 'scene',
    toolVersion: '0',
  })
  const said = causes.flatMap(({ common }) => common.map(({ says }) => says)).join(' ')
  expect(said).toContain('node-1')
})
