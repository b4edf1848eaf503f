import { type Answer, sendJson, sendStatus, sendText } from './collect.ts'

/** `/api` and `/apis` in aggregated form, with a space that JSON.stringify would not write. */
export const AGGREGATED = '{"kind": "APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[]}'

const ANSWERS: Readonly<Record<string, unknown>> = {
  '/version': '{"gitVersion": "v1.34.4"}',
  '/api': '{"kind": "APIVersions","versions":["v1"]}',
  '/api/v1': '{"kind": "APIResourceList","groupVersion":"v1","resources":[]}',
  '/apis': '{"kind": "APIGroupList","groups":[]}',
  '/openapi/v3': {
    paths: {
      version: { serverRelativeURL: '/openapi/v3/version?hash=C' },
      'api/v1': { serverRelativeURL: '/openapi/v3/api/v1?hash=A' },
      'apis/example.com/v1': { serverRelativeURL: '/openapi/v3/apis/example.com/v1?hash=B' },
    },
  },
  '/openapi/v3/api/v1': '{"openapi": "3.0.0"}',
  '/openapi/v3/apis/example.com/v1': '{"openapi": "3.0.0" }',
  '/readyz': '[+]ping ok\nreadyz check passed\n',
  '/livez': '[+]ping ok\nlivez check passed\n',
  '/metrics': 'apiserver_request_total 1\n',
  '/debug/api_priority_and_fairness/dump_priority_levels': 'PriorityLevelName\n',
  '/debug/api_priority_and_fairness/dump_queues': 'Queue\n',
  '/debug/api_priority_and_fairness/dump_requests': 'Request\n',
}

/** A small API server: version, discovery in both forms, OpenAPI, health, metrics. A number instead of an answer is a failure of that status. */
export function apiServer(overrides: Readonly<Record<string, unknown>> = {}): Answer {
  const answers = { ...ANSWERS, ...overrides }
  return (url, response, request) => {
    const answer = answers[url.pathname]
    if (typeof answer === 'number') return sendStatus(response, answer, 'Reason', `${url.pathname} is not for you`)
    if (answer === undefined) return undefined
    const isAggregated = String(request.headers.accept).includes('APIGroupDiscoveryList')
    if (isAggregated) {
      response.setHeader('content-type', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
      return response.end(AGGREGATED)
    }
    if (typeof answer === 'string' && !answer.startsWith('{')) return sendText(response, answer)
    return sendJson(response, answer)
  }
}
