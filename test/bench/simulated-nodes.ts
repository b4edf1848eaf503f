import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { createCertificate } from '../../src/serve/certificate.ts'

/**
 * An API server and kubelets that stand for a cluster whose nodes are full: `node simulated-nodes.ts FOLDER NODES HANGING`. Writes
 * `kubeconfig` and `kubelets.pem` into the folder, says `ready`, and serves until it is killed. The last HANGING kubelets take connections
 * and answer nothing.
 *
 * The sizes are those that a kubelet of the test cluster (Kubernetes 1.34, two samples) gives for a pod, times 110 pods.
 */
const [folder = '.', count = '50', hanging = '0'] = process.argv.slice(2)
const NODES = Number(count)
const PODS = 110
const PORT = 34_250

const addresses = Array.from({ length: NODES }, (_, index) => `127.1.${index >> 8}.${(index & 255) + 1}`)

/** Lines of so many bytes, each one a series of a pod: what redaction and compression meet in real ones. */
function series(name: string, bytesOfAPod: number): Buffer {
  const lines = Array.from({ length: PODS }, (_, pod) => {
    const id = (pod * 7919 + 104_729).toString(16).padStart(64, '0')
    const line = (n: number) =>
      `${name}_${n}_total{container="app",id="/kubepods/burstable/pod${id.slice(0, 32)}/${id}",image="registry.example/web:1",namespace="shop",pod="web-${pod}"} ${(pod + 1) * (n + 3) * 1.7} 1795613025202\n`
    const one = Array.from({ length: Math.ceil(bytesOfAPod / line(0).length) }, (_, n) => line(n))
    return one.join('')
  })
  return Buffer.from(lines.join(''))
}

function podOf(node: number, pod: number): object {
  return {
    metadata: { name: `web-${node}-${pod}`, namespace: 'shop', uid: `uid-${node}-${pod}`, labels: { app: 'web' } },
    spec: {
      nodeName: `node-${node}`,
      containers: [{ name: 'app', image: 'registry.example/web:1', command: ['serve'] }],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: {} } }],
    },
  }
}

const list = (items: readonly object[]) => ({
  kind: 'List',
  apiVersion: 'v1',
  metadata: { resourceVersion: '1' },
  items,
})
const pods = addresses.flatMap((_, node) => Array.from({ length: PODS }, (_, pod) => podOf(node, pod)))
const summary = {
  node: { nodeName: 'node', cpu: { usageNanoCores: 1_500_000_000 }, memory: { workingSetBytes: 8_000_000_000 } },
  pods: pods.slice(0, PODS).map((_, pod) => ({
    podRef: { name: `web-${pod}`, namespace: 'shop', uid: `uid-${pod}` },
    containers: [
      { name: 'app', cpu: { usageNanoCores: pod }, memory: { workingSetBytes: pod }, logs: { usedBytes: pod } },
    ],
    volume: Array.from({ length: 20 }, (_, n) => ({
      name: `volume-${n}`,
      usedBytes: n,
      inodesUsed: n,
      availableBytes: n,
    })),
  })),
}

const KUBELET: Readonly<Record<string, Buffer>> = {
  '/metrics/cadvisor': series('container_cpu', 37_000),
  '/metrics': series('kubelet', 6000),
  '/metrics/resource': series('container_resource', 700),
  '/metrics/probes': series('prober', 500),
  '/metrics/slis': Buffer.from('kubernetes_healthcheck 1\n'),
  '/stats/summary': Buffer.from(JSON.stringify(summary)),
  '/configz': Buffer.from('{"kubeletconfig":{}}'),
  '/healthz': Buffer.from('ok'),
  '/healthz/syncloop': Buffer.from('ok'),
  '/pods': Buffer.from(JSON.stringify(list(pods.slice(0, PODS)))),
  '/runningpods/': Buffer.from(JSON.stringify(list(pods.slice(0, PODS)))),
}

const nodes = addresses.map((address, node) => ({
  metadata: { name: `node-${node}`, uid: `node-${node}`, labels: { 'eks.amazonaws.com/nodegroup': 'general' } },
  spec: {},
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [{ type: 'InternalIP', address }],
    daemonEndpoints: { kubeletEndpoint: { Port: PORT } },
  },
}))

const verbs = ['get', 'list', 'watch']
const API: Readonly<Record<string, unknown>> = {
  '/version': { gitVersion: 'v1.34.4' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      { name: 'pods', kind: 'Pod', namespaced: true, verbs },
      { name: 'nodes', kind: 'Node', namespaced: false, verbs },
      { name: 'events', kind: 'Event', namespaced: true, verbs },
    ],
  },
  '/openapi/v3': { paths: {} },
  '/api/v1/nodes': list(nodes),
  '/api/v1/pods': list(pods),
  '/api/v1/events': list([]),
}

function answerApi({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, 'http://api')
  const known = API[pathname]
  response.setHeader('content-type', 'application/json')
  if (method === 'POST') response.writeHead(201).end(JSON.stringify({ status: { allowed: true } }))
  else if (searchParams.has('watch')) response.writeHead(200).flushHeaders()
  else if (known === undefined) response.writeHead(404).end(JSON.stringify({ kind: 'Status', message: 'no such path' }))
  else response.end(JSON.stringify(known))
}

function answerKubelet({ url = '/' }: IncomingMessage, response: ServerResponse): void {
  const body = KUBELET[url]
  response.writeHead(body ? 200 : 404, { 'content-type': 'text/plain' }).end(body ?? 'not found')
}

const certificate = await createCertificate(addresses)
for (const [index, address] of addresses.entries()) {
  const isHanging = index >= NODES - Number(hanging)
  const server = createTlsServer(certificate, isHanging ? () => {} : answerKubelet)
  await new Promise<void>((done) => server.listen(PORT, address, done))
}
const api = createServer(answerApi)
await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
const { port } = api.address() as { port: number }
const context = { cluster: 'simulated', user: 'ops' }
await writeFile(join(folder, 'kubelets.pem'), certificate.cert)
await writeFile(
  join(folder, 'kubeconfig'),
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'simulated', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'ops', user: { token: 'not-a-secret' } }],
    contexts: [{ name: 'simulated', context }],
    'current-context': 'simulated',
  }),
)
console.log('ready')
