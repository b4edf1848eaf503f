import { describe, expect, it } from 'vitest'
import { incidentOf, type Thing } from './scene.ts'
import { node, pod } from './things.ts'

const line = (type: string, object?: Thing) =>
  JSON.stringify({ observedAt: '2026-02-01T11:59:30.500Z', type, ...(object ? { object } : { reason: 'reconnect' }) })
const cordoned = node('node-1', { spec: { unschedulable: true } })

describe('watched changes', () => {
  it('keeps pods that came and went, and of nodes what is not a heartbeat', async () => {
    const files = {
      'changes/pods/000001.jsonl': [
        line('ADDED', pod('shop/web-2')),
        line('MODIFIED', pod('shop/web-2')),
        line('GAP'),
        '{"damaged',
        line('DELETED', pod('shop/web-1')),
        '',
      ].join('\n'),
      'changes/nodes/000001.jsonl': [node('node-1'), node('node-1'), cordoned]
        .map((one) => line('MODIFIED', one))
        .join('\n'),
    }
    const { watched } = await incidentOf({ objects: [], files })
    expect(watched.map(({ type, about, says }) => `${type} ${about.name} ${says}`).sort()).toEqual([
      'ADDED web-2 The pod was created.',
      'DELETED web-1 The pod was removed from node node-1.',
      'MODIFIED node-1 The node had Ready=True and was cordoned.',
      'MODIFIED node-1 The node had Ready=True.',
    ])
    expect(watched.find(({ type }) => type === 'DELETED')?.citation).toEqual({
      file: 'changes/pods/000001.jsonl',
      line: 5,
      words: 'web-1',
    })
  })
})
