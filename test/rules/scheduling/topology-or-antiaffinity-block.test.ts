import { describe, expect, it } from 'vitest'
import { topologyOrAntiaffinityBlock } from '../../../src/rules/scheduling/topology-or-antiaffinity-block.ts'
import { node, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { waiting } from './waiting.ts'

const NAME = 'shop/web-6c8f7d9b5-abcde'
const rule = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' }
const spec = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [rule] } } }
const objects = [node('node-1'), node('node-2'), workload('Deployment', 'shop/web', {}, 3)]

describe('topology-or-antiaffinity-block', () => {
  it.each([
    "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
    "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.",
    "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.",
    "0/2 nodes are available: 2 node(s) didn't match pod affinity/anti-affinity.",
  ])('counts places and replicas: %s', async (message) => {
    const outcome = await evaluate(topologyOrAntiaffinityBlock, {
      objects: [...objects, waiting(NAME, message, { spec })],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('2 different kubernetes.io/hostname for 3 replicas')
  })

  it('is a mechanism where a cordoned node would be the place', async () => {
    const message =
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod anti-affinity rules."
    const outcome = await evaluate(topologyOrAntiaffinityBlock, {
      objects: [...objects, node('node-3', { spec: { unschedulable: true } }), waiting(NAME, message, { spec })],
    })
    expect(outcome.findings[0]?.kind).toBe('mechanism')
  })

  it('leaves it to capacity where most nodes are full', async () => {
    const message =
      "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 2 Insufficient cpu."
    const outcome = await evaluate(topologyOrAntiaffinityBlock, {
      objects: [...objects, waiting(NAME, message, { spec })],
    })
    expect(outcome.findings).toEqual([])
  })
})
