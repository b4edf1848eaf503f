import { describe, expect, it } from 'vitest'
import { collectors } from '../../collectors/index.ts'
import type { Collector, Read, Target } from '../../src/collector.ts'
import { apiServer } from './api-server.ts'
import { type Answer, collect, nodeTarget, page, podTarget, sendJson, sendText } from './collect.ts'
import { componentTarget } from './ports.ts'

const METRICS = { groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' }
const SERVED = {
  '/apis': {
    kind: 'APIGroupList',
    groups: [{ name: 'metrics.k8s.io', versions: [METRICS], preferredVersion: METRICS }],
  },
  '/apis/metrics.k8s.io/v1beta1': {
    kind: 'APIResourceList',
    groupVersion: METRICS.groupVersion,
    resources: [
      { name: 'nodes', kind: 'NodeMetrics', namespaced: false, verbs: ['get', 'list'] },
      { name: 'pods', kind: 'PodMetrics', namespaced: true, verbs: ['get', 'list'] },
    ],
  },
}

/** Serves everything that is asked for, in two pages where it is a list. */
function everything(recorded: () => void): Answer {
  const known = apiServer(SERVED)
  let watches = 0
  return (url, response, request) => {
    known(url, response, request)
    if (response.headersSent) return
    if (url.pathname.endsWith('/log')) return sendText(response, '2026-01-31T08:00:00Z a line\n')
    if (!url.searchParams.has('watch'))
      return sendJson(response, url.searchParams.has('continue') ? page(['b']) : page(['a'], 'next'))
    response.writeHead(200).flushHeaders()
    watches++
    if (watches === 3) recorded()
  }
}

/** A pod that each collector of components asks. */
const COMPONENTS: Readonly<Record<string, string>> = { 'dns-metrics': 'coredns-1', 'component-metrics': 'karpenter-1' }

function targetOf({ id, scope }: Collector): Target {
  if (scope === 'node') return nodeTarget()
  if (scope === 'component')
    return componentTarget(COMPONENTS[id] ?? '', id === 'dns-metrics' ? 'coredns' : 'controller')
  if (scope === 'pod') return podTarget([{ restarts: 1 }])
  if (scope !== 'resource') return { kind: 'cluster' }
  const resource = { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', namespaced: true }
  return { kind: 'resource', resource: { ...resource, alsoServedAs: [] } }
}

async function requestsOf(collector: Collector, namespaces: readonly string[] | undefined): Promise<string[]> {
  const recording = new AbortController()
  const { requests, discovered, error } = await collect(
    collector,
    everything(() => recording.abort()),
    { target: targetOf(collector), recording: recording.signal, settings: { namespaces }, kubelet: () => 'an answer' },
  )
  expect(error).toBeUndefined()
  return collector.id === 'api-discovery' ? [...requests, ...discovered] : [...requests]
}

/** What a kubelet asks the authorizer for a path (kubernetes/kubernetes v1.36, pkg/kubelet/server/auth.go). */
const OF_KUBELETS: readonly (readonly [path: RegExp, resource: string])[] = [
  [/^\/stats\//, 'nodes/stats'],
  [/^\/metrics/, 'nodes/metrics'],
  [/^\/logs\//, 'nodes/log'],
  [/^\/(pods|runningpods\/)$/, 'nodes/pods'],
  [/^\/healthz/, 'nodes/healthz'],
  [/^\/configz$/, 'nodes/configz'],
]

/** What the authorizer of the API server sees in a request (kubernetes/apiserver, pkg/endpoints/request/requestinfo.go). */
function attributesOf(request: string) {
  const { pathname, searchParams } = new URL(request.replace('GET ', ''), 'http://server')
  const [, kubelet] = /^GET https:\/\/n1(\/[^?]*)/.exec(request) ?? []
  if (kubelet !== undefined) {
    const resource = OF_KUBELETS.find(([path]) => path.test(kubelet))?.[1] ?? 'nodes/proxy'
    return { group: '', resource, verb: 'get' }
  }
  const parts =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(pathname)
  if (!parts) return { path: pathname }
  const [, group = '', resource = '', name, subresource] = parts
  const verb = name ? 'get' : searchParams.has('watch') ? 'watch' : 'list'
  return { group, resource: subresource ? `${resource}/${subresource}` : resource, verb }
}

function covers(read: Read, request: string): boolean {
  const asked = attributesOf(request)
  if ('nonResourceURLs' in read) {
    return read.nonResourceURLs.some((one) =>
      one.endsWith('*') ? asked.path?.startsWith(one.slice(0, -1)) : asked.path === one,
    )
  }
  if ('everyListableResource' in read) return asked.verb === 'list'
  if ('connects' in read) return asked.resource === read.connects && asked.verb === 'get'
  return (
    read.group === asked.group &&
    read.resources.includes(asked.resource ?? '') &&
    read.verbs.some((verb) => verb === asked.verb)
  )
}

describe('what a collector declares to read', () => {
  it.each(collectors.filter(({ ways }) => !ways).map((collector) => [collector.id, collector] as const))(
    '%s: covers every request',
    async (_, one) => {
      for (const namespaces of [undefined, ['shop']]) {
        const requests = await requestsOf(one, namespaces)
        expect(requests.length).toBeGreaterThan(0)
        expect(requests.filter((request) => !request.startsWith('GET '))).toEqual([])
        expect(requests.filter((request) => !one.reads.some((read) => covers(read, request)))).toEqual([])
      }
    },
  )

  it.each(collectors.filter(({ ways }) => !ways).map((collector) => [collector.id, collector] as const))(
    '%s: is asked for',
    async (_, one) => {
      const asked = (await requestsOf(one, undefined)).map(attributesOf)
      const declared = one.reads.flatMap((read) => {
        // The same objects as core events: asked for where those are denied only.
        if (!('resources' in read) || read.group === 'events.k8s.io') return []
        return read.resources.flatMap((resource) => read.verbs.map((verb) => ({ group: read.group, resource, verb })))
      })
      for (const grant of declared) expect(asked).toContainEqual(grant)
    },
  )

  it.each([
    ['GET /api/v1/namespaces/shop/pods/web/log?container=a', { group: '', resource: 'pods/log', verb: 'get' }],
    ['GET /apis/apps/v1/deployments?limit=2', { group: 'apps', resource: 'deployments', verb: 'list' }],
    ['GET /api/v1/namespaces/shop/pods?watch=1', { group: '', resource: 'pods', verb: 'watch' }],
    ['GET /apis/apps/v1', { path: '/apis/apps/v1' }],
    ['GET /readyz?verbose', { path: '/readyz' }],
    ['GET https://n1/stats/summary', { group: '', resource: 'nodes/stats', verb: 'get' }],
    ['GET https://n1/exec/shop/web/app', { group: '', resource: 'nodes/proxy', verb: 'get' }],
  ])('is compared as the authorizer reads %s', (request, attributes) =>
    expect(attributesOf(request)).toEqual(attributes),
  )
})
