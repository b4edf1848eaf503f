import { describe, expect, it } from 'vitest'
import { nodes } from '../../collectors/nodes.ts'
import { collect, files, page, sendJson, statuses } from './collect.ts'

describe('nodes', () => {
  it('are listed cluster-wide, whatever namespaces were asked for', async () => {
    const settings = { namespaces: ['shop', 'other'] }
    const collected = await collect(nodes, (_, response) => sendJson(response, page(['n1'])), { settings })
    expect(files(collected)).toEqual({ 'cluster/core/v1/nodes/_all/0001.json': page(['n1']) })
    expect(collected.requests).toEqual(['GET /api/v1/nodes?limit=2'])
  })

  it('of a cluster that has none are empty', async () => {
    const collected = await collect(nodes, (_, response) => sendJson(response, page([])))
    expect(statuses(collected)).toEqual(['nodes empty'])
  })
})
