import { describe, expect, it } from 'vitest'
import { leases } from '../../collectors/leases.ts'
import { collect, files, page, sendJson, statuses } from './collect.ts'

describe('leases', () => {
  it('are listed cluster-wide', async () => {
    const collected = await collect(leases, (_, response) => sendJson(response, page(['a'])))
    expect(files(collected)).toEqual({ 'cluster/coordination.k8s.io/v1/leases/_all/0001.json': page(['a']) })
    expect(collected.requests).toEqual(['GET /apis/coordination.k8s.io/v1/leases?limit=2'])
  })

  it('are listed in the namespaces that were asked for, and in no other', async () => {
    const settings = { namespaces: ['shop'] }
    const collected = await collect(leases, (_, response) => sendJson(response, page(['a'])), { settings })
    expect(Object.keys(files(collected))).toEqual(['cluster/coordination.k8s.io/v1/leases/shop/0001.json'])
    expect(collected.requests).toEqual(['GET /apis/coordination.k8s.io/v1/namespaces/shop/leases?limit=2'])
  })

  it('that nobody has are empty', async () => {
    const collected = await collect(leases, (_, response) => sendJson(response, page([])))
    expect(collected.closes).toMatchObject([{ status: 'empty' }])
    expect(statuses(collected)).toHaveLength(1)
  })
})
