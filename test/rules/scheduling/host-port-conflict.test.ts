import { describe, expect, it } from 'vitest'
import { hostPortConflict } from '../../../src/rules/scheduling/host-port-conflict.ts'
import { node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { waiting } from './waiting.ts'

const NAME = 'shop/web-6c8f7d9b5-abcde'
const container = { ports: [{ containerPort: 80, hostPort: 8080 }] }
const holder = pod('shop/edge-7d4f8b9c6-aaaaa', {
  owner: 'ReplicaSet/edge-7d4f8b9c6',
  containers: [{ spec: container }],
})
const message = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."

describe('host-port-conflict', () => {
  it('says which port and who has it', async () => {
    const outcome = await evaluate(hostPortConflict, {
      objects: [node('node-1'), holder, waiting(NAME, message, { container })],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('host port 8080, which is taken on 1 node by edge')
  })

  it('is quiet when nodes are full', async () => {
    const full = '0/1 nodes are available: 1 Insufficient cpu.'
    expect(
      (await evaluate(hostPortConflict, { objects: [node('node-1'), holder, waiting(NAME, full, { container })] }))
        .status,
    ).toBe('clear')
  })
})
