import { describe, expect, it } from 'vitest'
import { apiDiscovery } from '../../collectors/api-discovery.ts'
import { AGGREGATED, apiServer } from './api-server.ts'
import { collect, files, sendStatus, sendText, statuses } from './collect.ts'

describe('what the server serves', () => {
  it('is kept exactly as answered, in both forms, with the OpenAPI documents of what it serves', async () => {
    const collected = await collect(apiDiscovery, apiServer())
    const { 'cluster/openapi/v3.json': index, ...kept } = files(collected)
    expect(kept).toEqual({
      'cluster/version.json': '{"gitVersion": "v1.34.4"}',
      'cluster/discovery/api.json': '{"kind": "APIVersions","versions":["v1"]}',
      'cluster/discovery/api.aggregated.json': AGGREGATED,
      'cluster/discovery/api/v1.json': '{"kind": "APIResourceList","groupVersion":"v1","resources":[]}',
      'cluster/discovery/apis.json': '{"kind": "APIGroupList","groups":[]}',
      'cluster/discovery/apis.aggregated.json': AGGREGATED,
      'cluster/openapi/v3/api/v1.json': '{"openapi": "3.0.0"}',
      'cluster/openapi/v3/apis/example.com/v1.json': '{"openapi": "3.0.0" }',
    })
    expect(JSON.parse(index ?? '').paths).toHaveProperty('version')
    expect(statuses(collected)).toEqual([
      '/apis complete',
      '/openapi/v3 complete',
      '/openapi/v3/api/v1?hash=A complete',
      '/openapi/v3/apis/example.com/v1?hash=B complete',
    ])
  })

  it('tells what discovery was asked with, though it had been asked before', async () => {
    const { closes, discovered, evidence } = await collect(apiDiscovery, apiServer())
    const bytes = evidence.filter(({ scope }) => scope.path === '/apis').map(({ body }) => body.length)
    expect(closes[0]).toMatchObject({
      scope: { path: '/apis' },
      cost: { requests: discovered.length, bytes: bytes.reduce((sum, one) => sum + one) },
    })
  })

  it('of a server that knows the plain form only is kept in that form', async () => {
    const collected = await collect(apiDiscovery, (url, response, request) => {
      request.headers.accept = 'application/json'
      return apiServer()(url, response, request)
    })
    const discovery = Object.keys(files(collected)).filter((path) => path.startsWith('cluster/discovery/'))
    expect(discovery.sort()).toEqual(
      ['api.json', 'api/v1.json', 'apis.json'].map((name) => `cluster/discovery/${name}`),
    )
  })

  it('misses one document that fails, and nothing else', async () => {
    const collected = await collect(apiDiscovery, apiServer({ '/openapi/v3/api/v1': 403 }))
    expect(Object.keys(files(collected))).toContain('cluster/openapi/v3/apis/example.com/v1.json')
    expect(statuses(collected)).toContain('/openapi/v3/api/v1?hash=A denied')
    expect(statuses(collected)).toContain('/openapi/v3/apis/example.com/v1?hash=B complete')
  })

  it('misses a group whose server is dead, and the version where it is not told, each with its line', async () => {
    const groups = [{ name: 'dead.io', versions: [{ version: 'v1' }], preferredVersion: { version: 'v1' } }]
    const collected = await collect(
      apiDiscovery,
      apiServer({
        '/version': 403,
        '/apis': { kind: 'APIGroupList', groups },
        '/apis/dead.io/v1': 500,
        '/api/v1': 500,
      }),
    )
    expect(statuses(collected).slice(0, 4)).toEqual([
      '/apis complete',
      '/version failed',
      '/api/v1 failed',
      '/apis/dead.io/v1 failed',
    ])
  })

  it.each([
    [404, 'unsupported'],
    [403, 'denied'],
  ])('is kept without OpenAPI where that answers %d: %s', async (code, status) => {
    const collected = await collect(apiDiscovery, apiServer({ '/openapi/v3': code }))
    expect(Object.keys(files(collected))).toContain('cluster/discovery/apis.json')
    expect(statuses(collected)).toEqual(['/apis complete', `/openapi/v3 ${status}`])
  })

  it('is kept where OpenAPI is a login page', async () => {
    const collected = await collect(apiDiscovery, apiServer({ '/openapi/v3': '<html>log in</html>' }))
    expect(files(collected)['cluster/openapi/v3.json']).toBe('<html>log in</html>')
    expect(collected.error).toBeUndefined()
  })

  it('is kept where there is no document at all', async () => {
    const collected = await collect(apiDiscovery, apiServer({ '/openapi/v3': {} }))
    expect(statuses(collected)).toEqual(['/apis complete', '/openapi/v3 complete'])
  })

  it('stops at its budget, and says so of every document that it left out', async () => {
    const huge = `{"openapi":"3.0.0","x":"${'x'.repeat(33 * 1024 * 1024)}"}`
    const collected = await collect(apiDiscovery, apiServer({ '/openapi/v3/api/v1': huge }))
    expect(statuses(collected).slice(-2)).toEqual([
      '/openapi/v3/api/v1?hash=A complete',
      '/openapi/v3/apis/example.com/v1?hash=B truncated',
    ])
    expect(collected.requests.join()).not.toContain('example.com')
  })

  it('cannot be told by a server that answers nothing of it', async () => {
    const collected = await collect(apiDiscovery, (url, response) =>
      url.pathname === '/apis'
        ? sendText(response, '', 500)
        : sendStatus(response, 500, 'InternalError', 'etcd is gone'),
    )
    expect(collected.evidence).toEqual([])
    expect(collected.error).toBeDefined()
  })
})
