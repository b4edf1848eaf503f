import { describe, expect, it } from 'vitest'
import { controlPlane } from '../../collectors/control-plane.ts'
import { apiServer } from './api-server.ts'
import { collect, files, page, sendStatus, sendText, statuses } from './collect.ts'

describe('the health of the API server', () => {
  it('is kept, all of it', async () => {
    const collected = await collect(controlPlane, apiServer())
    expect(files(collected)).toEqual({
      'apiserver/readyz.txt': '[+]ping ok\nreadyz check passed\n',
      'apiserver/livez.txt': '[+]ping ok\nlivez check passed\n',
      'apiserver/metrics.txt': 'apiserver_request_total 1\n',
      'apiserver/flow-control/dump_priority_levels.txt': 'PriorityLevelName\n',
      'apiserver/flow-control/dump_queues.txt': 'Queue\n',
      'apiserver/flow-control/dump_requests.txt': 'Request\n',
    })
    expect(collected.requests.slice(0, 2)).toEqual(['GET /readyz?verbose', 'GET /livez?verbose'])
  })

  it('that is bad says why in its body, and that is evidence', async () => {
    const collected = await collect(controlPlane, (url, response, request) =>
      url.pathname === '/readyz'
        ? sendText(response, '[-]etcd failed: reason withheld\nreadyz check failed\n', 500)
        : apiServer()(url, response, request),
    )
    const readyz = collected.evidence.find(({ path }) => path === 'apiserver/readyz.txt')
    expect(readyz?.body.toString()).toContain('[-]etcd failed')
    expect(readyz?.obtained.status).toBe(500)
    expect(statuses(collected)).toContain('/readyz?verbose complete')
  })

  it('has its metrics whole, however many they are', async () => {
    const metrics = 'apiserver_request_duration_seconds_bucket{le="0.1"} 1\n'.repeat(200_000)
    const collected = await collect(controlPlane, apiServer({ '/metrics': metrics }))
    expect(files(collected)['apiserver/metrics.txt'] === metrics).toBe(true)
  })

  it.each([
    [401, 'denied'],
    [403, 'denied'],
    [404, 'unsupported'],
  ])('that answers %d is not health but a line: %s', async (code, status) => {
    const collected = await collect(controlPlane, apiServer({ '/readyz': code, '/livez': code }))
    expect(Object.keys(files(collected))).not.toContain('apiserver/readyz.txt')
    expect(statuses(collected).slice(0, 2)).toEqual([`/readyz?verbose ${status}`, `/livez?verbose ${status}`])
    expect(Object.keys(files(collected))).toContain('apiserver/metrics.txt')
  })

  it.each([
    [200, 'text/html; charset=utf-8'],
    [302, 'text/html'],
    [307, 'text/plain'],
    [502, 'text/html'],
  ])('that something in between answers, with %d as %s, is not health but a failure', async (code, type) => {
    const collected = await collect(controlPlane, (url, response, request) =>
      /^\/(readyz|metrics)/.test(url.pathname)
        ? // A 502 is asked again; a hundredth of a second is wait enough for a test.
          response.writeHead(code, { 'content-type': type, 'retry-after': '0.01' }).end('<html>log in</html>')
        : apiServer()(url, response, request),
    )
    expect(files(collected)).not.toHaveProperty('apiserver/readyz.txt')
    expect(statuses(collected)).toEqual(expect.arrayContaining(['/readyz?verbose failed', '/metrics failed']))
    expect(collected.closes[0]?.reason).toContain(`${code}`)
  })

  it('costs only what is denied', async () => {
    const flowControl = '/debug/api_priority_and_fairness'
    const denied = { [`${flowControl}/dump_queues`]: 403, [`${flowControl}/dump_requests`]: 404, '/metrics': 403 }
    const collected = await collect(controlPlane, apiServer(denied))
    expect(statuses(collected)).toEqual([
      '/readyz?verbose complete',
      '/livez?verbose complete',
      `${flowControl}/dump_priority_levels complete`,
      `${flowControl}/dump_queues denied`,
      `${flowControl}/dump_requests unsupported`,
      '/metrics denied',
      'metrics.k8s.io unsupported',
    ])
  })

  it('that has nothing to say is empty', async () => {
    const collected = await collect(controlPlane, apiServer({ '/metrics': '' }))
    expect(statuses(collected)).toContain('/metrics empty')
  })

  it('is read without discovery, which only tells whether usage is served', async () => {
    const collected = await collect(controlPlane, apiServer({ '/api': 500, '/apis': 500 }))
    expect(Object.keys(files(collected))).toContain('apiserver/metrics.txt')
    expect(collected.error).toBeDefined()
  })
})

describe('usage', () => {
  const served = {
    '/apis': {
      kind: 'APIGroupList',
      groups: [
        {
          name: 'metrics.k8s.io',
          versions: [{ groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' }],
          preferredVersion: { groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' },
        },
      ],
    },
  }
  const document = {
    kind: 'APIResourceList',
    groupVersion: 'metrics.k8s.io/v1beta1',
    resources: [
      { name: 'nodes', kind: 'NodeMetrics', namespaced: false, verbs: ['get', 'list'] },
      { name: 'pods', kind: 'PodMetrics', namespaced: true, verbs: ['get', 'list'] },
    ],
  }

  it('of nodes and pods comes along where metrics.k8s.io is served', async () => {
    const collected = await collect(
      controlPlane,
      apiServer({
        ...served,
        '/apis/metrics.k8s.io/v1beta1': document,
        '/apis/metrics.k8s.io/v1beta1/nodes': page(['n1']),
        '/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods': page([]),
      }),
      { settings: { namespaces: ['shop'] } },
    )
    expect(files(collected)).toMatchObject({
      'cluster/metrics.k8s.io/v1beta1/nodes/_all/0001.json': page(['n1']),
      'cluster/metrics.k8s.io/v1beta1/pods/shop/0001.json': page([]),
    })
    expect(statuses(collected).slice(-2)).toEqual(['nodes.metrics.k8s.io complete', 'pods.metrics.k8s.io shop empty'])
  })

  it('is missing, and not just unknown here, where its server is dead', async () => {
    const collected = await collect(controlPlane, (url, response, request) =>
      url.pathname === '/apis/metrics.k8s.io/v1beta1'
        ? sendStatus(response, 500, 'InternalError', 'no endpoints available for service "metrics-server"')
        : apiServer(served)(url, response, request),
    )
    expect(collected.closes.at(-1)).toMatchObject({
      scope: { resource: 'metrics.k8s.io' },
      status: 'failed',
      reason: expect.stringContaining('metrics-server'),
    })
  })
})
