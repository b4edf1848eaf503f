import { describe, expect, it } from 'vitest'
import { insufficientCpuMemory } from '../../../src/rules/scheduling/insufficient-cpu-memory.ts'
import type { Thing } from '../../incident/scene.ts'
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

  it('does not claim a lack that it does not count, and leaves the word to the scheduler', async () => {
    const outcome = await evaluate(insufficientCpuMemory, {
      objects: [
        node('node-1'),
        waiting(NAME, '0/1 nodes are available: 1 Insufficient cpu.', { requests: { cpu: '1' } }),
      ],
    })
    expect(outcome.findings).toMatchObject([{ strength: 'strong', against: [{}] }])
    expect(outcome.findings[0]?.says).toContain(
      'the scheduler says that of 1 nodes, 1 node lacks cpu for a request of 1 cpu; 1 node has room for it',
    )
  })

  it('sees no contradiction in nodes with room that are refused for their neighbours', async () => {
    const message = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod anti-affinity rules."
    const objects = [...full, node('node-2'), waiting(NAME, message, { requests: { cpu: '1' } })]
    const { findings } = await evaluate(insufficientCpuMemory, { objects })
    expect(findings).toMatchObject([{ strength: 'proof', against: [] }])
  })

  it('names no request that the pod does not have, and counts no room where it does not see all pods', async () => {
    const says = async (denied: readonly string[]) => {
      const objects = [...full, waiting(NAME, '0/1 nodes are available: 1 Insufficient cpu.')]
      return (await evaluate(insufficientCpuMemory, { objects, denied })).findings[0]?.says
    }
    expect(await says([])).not.toContain('a request of')
    expect(await says(['nodes'])).toBe('1 pod of web has no node: of 1 nodes, 1 node lacks cpu.')
  })

  it('counts by itself where the scheduler has left no word', async () => {
    const silent = (cpu: string) => waiting(NAME, '', { requests: { cpu } })
    const judge = async (objects: readonly Thing[], ...denied: string[]) =>
      (await evaluate(insufficientCpuMemory, { objects, denied: ['events', ...denied] })).findings
    expect(await judge([...full, silent('1')])).toMatchObject([{ kind: 'mechanism', strength: 'strong' }])
    expect((await judge([...full, silent('1')]))[0]?.says).toContain('none has room for a request of 1 cpu')
    expect(await judge([...full, silent('100m')])).toEqual([])
    expect(await judge([...full, node('node-2'), silent('1')])).toEqual([])
    expect(await judge([...full, silent('1')], 'nodes')).toEqual([])
    const tainted = node('node-1', { spec: { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] } })
    expect(await judge([tainted, ...full.slice(1), silent('1')])).toEqual([])
  })

  it('advises no room to who asks for more than a whole node', async () => {
    const objects = [
      node('node-1'),
      waiting(NAME, '0/1 nodes are available: 1 Insufficient memory.', { requests: { memory: '64Gi' } }),
    ]
    const advice = (await evaluate(insufficientCpuMemory, { objects })).findings[0]?.advice
    expect(advice?.mitigate.map(({ says }) => says).join(' ')).toMatch(/Request less/)
    expect(JSON.stringify(advice)).not.toMatch(/kubectl scale/)
  })

  it.each([
    [
      'withheld by the plugin',
      { allocatable: { 'nvidia.com/gpu': '0' }, capacity: { 'nvidia.com/gpu': '1' } },
      'mechanism',
      'weak',
    ],
    ['not there', {}, 'cause', 'proof'],
    ['too few', { allocatable: { 'x.y/z': '1' }, capacity: { 'x.y/z': '1' } }, 'cause', 'proof'],
  ])('says of devices that are %s what is known of them', async (_, status, kind, strength) => {
    const [resource, amount] =
      'allocatable' in status && 'x.y/z' in status.allocatable ? ['x.y/z', '2'] : ['nvidia.com/gpu', '1']
    const message = `0/1 nodes are available: 1 Insufficient ${resource}.`
    const objects = [node('node-1', { status }), waiting(NAME, message, { requests: { [resource]: amount } })]
    expect((await evaluate(insufficientCpuMemory, { objects })).findings).toMatchObject([{ kind, strength }])
  })
})
