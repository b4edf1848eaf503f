import { describe, expect, it } from 'vitest'
import { insufficientCpuMemory } from '../../../src/rules/scheduling/insufficient-cpu-memory.ts'
import { node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { running, waiting } from './waiting.ts'

const NAME = 'shop/web-6c8f7d9b5-abcde'
const full = [node('node-1'), running('shop/other-7d4f8b9c6-aaaaa', 'node-1', { cpu: '3500m' })]

describe('insufficient-cpu-memory', () => {
  it.each([
    '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    '0/1 nodes are available: 1 Insufficient cpu.',
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  ])('counts what is requested: %s', async (message) => {
    const outcome = await evaluate(insufficientCpuMemory, {
      objects: [...full, waiting(NAME, message, { requests: { cpu: '1' } })],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('1 node lacks cpu for a request of 1 cpu')
    expect(outcome.findings[0]?.says).toContain('500m of 4 cpu unrequested')
  })

  it('is the cause where no node is large enough at all', async () => {
    const message = '0/1 nodes are available: 1 Insufficient memory.'
    const outcome = await evaluate(insufficientCpuMemory, {
      objects: [node('node-1'), waiting(NAME, message, { requests: { memory: '64Gi' } })],
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('64Gi memory')
  })

  it('is quiet when a taint is all that the scheduler says, and about pods that run', async () => {
    const message = '0/1 nodes are available: 1 node(s) had untolerated taint {a: b}.'
    expect(await evaluate(insufficientCpuMemory, { objects: [node('node-1'), waiting(NAME, message)] })).toMatchObject({
      findings: [],
      rejections: [{ subject: { name: 'web' } }],
    })
    expect((await evaluate(insufficientCpuMemory, { objects: [node('node-1'), pod('shop/web-1')] })).status).toBe(
      'clear',
    )
  })

  it('denies nothing where the scheduler does not say why', async () => {
    const silent = waiting(NAME, 'running PreFilter plugin "Coscheduling": cannot find the group of the pod')
    expect((await evaluate(insufficientCpuMemory, { objects: [node('node-1'), silent] })).rejections).toEqual([])
  })
})
