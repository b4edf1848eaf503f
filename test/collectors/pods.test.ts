import { describe, expect, it } from 'vitest'
import { pods } from '../../collectors/pods.ts'
import { collect, files, page, sendJson, statuses } from './collect.ts'

describe('pods', () => {
  it('are listed cluster-wide', async () => {
    const collected = await collect(pods, (_, response) => sendJson(response, page(['a'])))
    expect(files(collected)).toEqual({ 'cluster/core/v1/pods/_all/0001.json': page(['a']) })
    expect(collected.requests).toEqual(['GET /api/v1/pods?limit=2'])
  })

  it('are listed in the namespaces that were asked for, and in no other', async () => {
    const settings = { namespaces: ['shop'] }
    const collected = await collect(pods, (_, response) => sendJson(response, page(['a'])), { settings })
    expect(Object.keys(files(collected))).toEqual(['cluster/core/v1/pods/shop/0001.json'])
    expect(collected.requests).toEqual(['GET /api/v1/namespaces/shop/pods?limit=2'])
  })

  it('that nobody has are empty', async () => {
    const collected = await collect(pods, (_, response) => sendJson(response, page([])))
    expect(collected.closes).toMatchObject([{ status: 'empty' }])
    expect(statuses(collected)).toHaveLength(1)
  })
})
