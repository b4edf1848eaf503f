import { describe, expect, it } from 'vitest'
import { describeLine, linesOf, page, segment, serve } from '../shop.ts'

const PODS = '/api/v1/namespaces/till/pods'
const LIST = 'cluster/core/v1/pods/_all/0001.json'
const CHANGES = 'changes/pods/000001.jsonl'

const SHOP = {
  [LIST]: page(100, [
    { name: 'web', version: 90, labels: { app: 'web' } },
    { name: 'db', version: 40, labels: { app: 'db' } },
    { name: 'other', namespace: 'back', version: 50 },
  ]),
  [CHANGES]: segment(
    [1, 'MODIFIED', { name: 'web', version: 90, labels: { app: 'web' } }],
    [5, 'MODIFIED', { name: 'web', version: 110, labels: { app: 'web', tier: 'front' } }],
    [6, 'ADDED', { name: 'job', version: 120, labels: { app: 'job' } }],
    [7, 'MODIFIED', { name: 'other', namespace: 'back', version: 125 }],
    [8, 'DELETED', { name: 'db', version: 130, labels: { app: 'db' } }],
    [9, 'MODIFIED', { name: 'web', version: 140, labels: { app: 'old' } }],
  ),
}

async function describeAll(response: Response): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(response)) lines.push(describeLine(line))
  return lines
}

async function watch(files: Record<string, string>, query: string, count: number): Promise<string[]> {
  const { watch } = await serve(files)
  return (await watch(`${PODS}?watch=1&${query}`, count)).map(describeLine)
}

describe('a watch', () => {
  it('without a version begins with the state, and then tells what was recorded after the list, as it came', async () => {
    expect(await watch(SHOP, '', 6)).toEqual([
      'ADDED db 40',
      'ADDED web 90',
      'MODIFIED web 110',
      'ADDED job 120',
      'DELETED db 130',
      'MODIFIED web 140',
    ])
  })

  it("from the list's version tells only what is newer, and from a later one only what is newer than that", async () => {
    expect(await watch(SHOP, 'resourceVersion=100', 1)).toEqual(['MODIFIED web 110'])
    expect(await watch(SHOP, 'resourceVersion=120', 2)).toEqual(['DELETED db 130', 'MODIFIED web 140'])
  })

  it('says where the state ends to who asks for it, and where the recording does', async () => {
    const { watch } = await serve(SHOP)
    const lines = await watch(
      `/api/v1/pods?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
      10,
    )
    expect(lines.map(describeLine)).toEqual([
      'ADDED other 50',
      'ADDED db 40',
      'ADDED web 90',
      'BOOKMARK - 100',
      'MODIFIED web 110',
      'ADDED job 120',
      'MODIFIED other 125',
      'DELETED db 130',
      'MODIFIED web 140',
      'BOOKMARK - 140',
    ])
    expect(lines[3]?.object).toEqual({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { resourceVersion: '100', annotations: { 'k8s.io/initial-events-end': 'true' } },
    })
    expect(lines[9]?.object.metadata.annotations).toBeUndefined()
  })

  it('through a selector adds what begins to match and deletes what no longer does, as it was, in the new version', async () => {
    const { watch } = await serve(SHOP)
    const lines = await watch(`${PODS}?watch=1&labelSelector=app%3Dweb`, 3)
    expect(lines.map(describeLine)).toEqual(['ADDED web 90', 'MODIFIED web 110', 'DELETED web 140'])
    expect(lines[2]?.object.metadata.labels).toEqual({ app: 'web', tier: 'front' })
    expect((await watch(`${PODS}?watch=1&labelSelector=tier%3Dfront`, 2)).map(describeLine)).toEqual([
      'ADDED web 110',
      'DELETED web 140',
    ])
    expect((await watch(`${PODS}?watch=1&fieldSelector=metadata.name%3Ddb`, 2)).map(describeLine)).toEqual([
      'ADDED db 40',
      'DELETED db 130',
    ])
  })

  it('from a version that is forgotten says 410, and asks for a state that never comes with 504, as the server does', async () => {
    const { ask } = await serve(SHOP)
    const expired = await ask(`${PODS}?watch=1&resourceVersion=99`)
    expect(expired.status).toBe(200)
    expect(await expired.json()).toEqual({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'too old resource version: 99 (100)',
        reason: 'Expired',
        code: 410,
      },
    })
    const future =
      'resourceVersion=999&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    expect(await (await ask(`${PODS}?watch=1&${future}`)).json()).toMatchObject({
      type: 'ERROR',
      object: { code: 504, reason: 'Timeout', message: 'Timeout: Too large resource version: 999, current: 100' },
    })
  })

  it('is held open until its timeout, and ends then without an error', async () => {
    const { ask } = await serve({ [LIST]: page(100, []) })
    const response = await ask(`${PODS}?watch=1&resourceVersion=100&timeoutSeconds=1`)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })

  it('gives metadata alone, or rows of a table whose columns come once', async () => {
    const { watch } = await serve(SHOP)
    const partial = await watch(`${PODS}?watch=1`, 3, 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io')
    expect(partial[2]?.object).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: expect.objectContaining({ name: 'web', resourceVersion: '110' }),
    })
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const rows = await watch(`${PODS}?watch=1&allowWatchBookmarks=1`, 4, table)
    expect(
      rows.map(({ type, object }) => `${type} ${object.metadata.resourceVersion} ${object.rows[0].cells[0]}`),
    ).toEqual(['ADDED 40 db', 'ADDED 90 web', 'BOOKMARK 100 ', 'MODIFIED 110 web'])
    expect(rows[0]?.object.columnDefinitions[0].name).toBe('Name')
    expect(rows.slice(1).map(({ object }) => object.columnDefinitions)).toEqual([null, null, null])
  })

  it('tells of lists of several moments what is newer than each, and each once', async () => {
    const files = {
      'cluster/core/v1/pods/back/0001.json': page(105, [{ name: 'other', namespace: 'back', version: 50 }]),
      'cluster/core/v1/pods/till/0001.json': page(95, [{ name: 'web', version: 90 }]),
      [CHANGES]: segment(
        [1, 'MODIFIED', { name: 'other', namespace: 'back', version: 102 }],
        [2, 'MODIFIED', { name: 'web', version: 103 }],
        [3, 'DELETED', { name: 'other', namespace: 'back', version: 110 }],
      ),
    }
    const { get, watch } = await serve(files)
    expect((await get('/api/v1/pods')).metadata.resourceVersion).toBe('95')
    expect((await get('/api/v1/namespaces/back/pods')).metadata.resourceVersion).toBe('105')
    expect((await watch('/api/v1/pods?watch=1&resourceVersion=95', 2)).map(describeLine)).toEqual([
      'MODIFIED web 103',
      'DELETED other 110',
    ])
    expect((await watch('/api/v1/namespaces/back/pods?watch=1&resourceVersion=105', 1)).map(describeLine)).toEqual([
      'DELETED other 110',
    ])
  })

  it('tells of a restricted list what is newer than it', async () => {
    const files = {
      'cluster/core/v1/pods/back/0001.json': page(95, []),
      'cluster/core/v1/pods/till/spec.nodeName=n/0001.json': page(105, [{ name: 'web', version: 90 }]),
      [CHANGES]: segment([1, 'ADDED', { name: 'db', version: 100 }], [2, 'ADDED', { name: 'db', version: 110 }]),
    }
    const { get, watch } = await serve(files)
    expect((await get(PODS)).metadata.resourceVersion).toBe('105')
    expect((await watch(`${PODS}?watch=1&resourceVersion=105`, 1)).map(describeLine)).toEqual(['ADDED db 110'])
  })

  it('warns of a gap in the recording, and of lines that cannot be read, and goes on', async () => {
    const files = {
      [LIST]: page(100, [{ name: 'web', version: 90 }]),
      [CHANGES]: `${segment([2, 'GAP', 'the server went away'])}{"observedAt":\n${segment([3, 'MODIFIED', { name: 'web', version: 110 }])}`,
    }
    const { ask } = await serve(files)
    const response = await ask(`${PODS}?watch=1&resourceVersion=100&timeoutSeconds=1`)
    expect(response.headers.get('warning')).toContain('23:59:02.120Z (the server went away)')
    expect(response.headers.get('warning')).toContain('changes/pods/000001.jsonl has 1 lines that cannot be read')
    const lines = await describeAll(response)
    expect(lines).toEqual(['MODIFIED web 110'])
  })

  it('leaves out lines that are too long, without a date, or no changes', async () => {
    const lines = [
      'x'.repeat(17 * 1024 * 1024),
      segment([2, 'MODIFIED', { name: 'web', version: 105 }])
        .replace('2026-', '+275760-')
        .trim(),
      segment([2, 'BOOKMARK', { name: 'web', version: 106 }]).trim(),
      segment([2, 'MODIFIED', { name: 'web', version: 107 }])
        .replace('"107"', '"seven"')
        .trim(),
      segment([2, 'MODIFIED', { name: 'web', version: 110 }]).trim(),
    ]
    const { ask } = await serve({ [LIST]: page(100, [{ name: 'web', version: 90 }]), [CHANGES]: lines.join('\n') })
    const response = await ask(`${PODS}?watch=1&resourceVersion=100&timeoutSeconds=1`)
    expect(response.headers.get('warning')).toContain('has 4 lines that cannot be read')
    expect(await describeAll(response)).toEqual(['MODIFIED web 110'])
  })

  it('serves 64 clients at once', async () => {
    const { watch } = await serve(SHOP)
    const all = await Promise.all(Array.from({ length: 64 }, () => watch(`${PODS}?watch=1`, 6)))
    expect(new Set(all.map((lines) => lines.map(describeLine).join())).size).toBe(1)
  })
})

describe('changes that are replayed', () => {
  it('come at their pace, and lists show the state reached so far', async () => {
    const { get, watch } = await serve(SHOP, { replaySpeed: 2 })
    expect((await get(PODS)).metadata.resourceVersion).toBe('100')
    const lines = await watch(`${PODS}?watch=1&resourceVersion=100`, 4)
    expect(lines.map(describeLine)).toEqual(['MODIFIED web 110', 'ADDED job 120', 'DELETED db 130', 'MODIFIED web 140'])
    const list = await get(PODS)
    expect(list.metadata.resourceVersion).toBe('140')
    expect(list.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['job', 'web'])
  })
})
