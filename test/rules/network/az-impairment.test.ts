import { describe, expect, it } from 'vitest'
import { azImpairment } from '../../../src/rules/network/az-impairment.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const zoned = (name: string, zone: string, ready = true, group = ''): Thing =>
  node(name, {
    metadata: {
      labels: { 'topology.kubernetes.io/zone': zone, ...(group ? { 'eks.amazonaws.com/nodegroup': group } : {}) },
    },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown', lastTransitionTime: ago(600) }] },
  })
const others = [zoned('b1', 'b'), zoned('b2', 'b'), zoned('c1', 'c')]
const down = [zoned('a1', 'a', false), zoned('a2', 'a', false)]
const run = (name: string, on: string, ready: boolean): Thing => pod(`shop/${name}`, { node: on, ready })
const well = ['b1', 'b2', 'c1'].flatMap((on) => [1, 2, 3, 4].map((number) => run(`well-${on}-${number}`, on, true)))

describe('az-impairment', () => {
  it('sees all nodes of one zone fail', async () => {
    const outcome = await evaluate(azImpairment, { objects: [...down, ...others] })
    expect(subjectsOf(outcome)).toEqual(['Zone a'])
    expect(outcome.findings[0]?.strength).toBe('strong')
  })

  it('sees pods of several workloads fail on several nodes of one zone', async () => {
    const nodes = [zoned('a1', 'a'), zoned('a2', 'a'), ...others]
    const sick = [run('web-1', 'a1', false), run('db-1', 'a2', false), run('api-1', 'a1', false)]
    const outcome = await evaluate(azImpairment, { objects: [...nodes, ...sick, ...well] })
    expect(outcome.findings.map(({ strength, subject }) => `${strength} ${subject.name}`)).toEqual(['weak a'])
    const onOne = sick.map((one) => ({ ...one, spec: { ...(one.spec as object), nodeName: 'a1' } }))
    expect((await evaluate(azImpairment, { objects: [...nodes, ...onOne, ...well] })).status).toBe('clear')
  })

  it('is quiet for one node, for nodes everywhere, and for a group that is only there', async () => {
    expect((await evaluate(azImpairment, { objects: [zoned('a1', 'a', false), ...others] })).status).toBe('clear')
    const everywhere = [...down, zoned('b1', 'b', false), zoned('c1', 'c', false), zoned('b2', 'b')]
    expect((await evaluate(azImpairment, { objects: everywhere })).status).toBe('clear')
    const group = [zoned('a1', 'a', false, 'gpu'), zoned('a2', 'a', false, 'gpu'), ...others]
    const outcome = await evaluate(azImpairment, { objects: group })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })

  it('is quiet where the zone of the others is not known: there is nothing to set it apart from', async () => {
    const unknown = ['x1', 'x2', 'x3'].map((name) => zoned(name, ''))
    expect((await evaluate(azImpairment, { objects: [...down, ...unknown] })).status).toBe('clear')
  })
})
