import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { REPLAY_HEADER } from '../../../src/bundle/format.ts'
import { type Certificate, createCertificate } from '../../../src/serve/certificate.ts'
import type { KubeletNode } from '../../../src/sources/kubelet/kubelet.ts'
import { onChannel, servePods } from '../kube/pod-server.ts'

const signal = new AbortController().signal
const certificate = await createCertificate(['127.0.0.1'])
const stranger = await createCertificate(['127.0.0.1'])
const cluster = { 'certificate-authority-data': Buffer.from(certificate.cert).toString('base64') }
const user = { token: 'token-of-jane' }
const take = () => {}

/** A kubelet on loopback that notes what it was shown. */
async function serveKubelet(shown: Certificate, status = 200, delay = 0) {
  const asked: string[] = []
  const certificates: string[] = []
  const sockets = new Set<Duplex>()
  // In TLS 1.2 the client's part of a handshake has always been seen when it ends.
  const tls = { ...shown, requestCert: true, rejectUnauthorized: false, maxVersion: 'TLSv1.2' } as const
  const server = createServer(tls, (request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? 'nobody'}`)
    const body = status === 200 ? 'ok' : 'Forbidden (user=jane, verb=get, subresource=metrics)'
    setTimeout(() => response.writeHead(status).end(body), delay)
  })
  server.on('connection', (socket) => sockets.add(socket))
  server.on('secureConnection', (socket: TLSSocket) =>
    certificates.push(String(socket.getPeerCertificate().subject?.CN ?? '-')),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  })
  return { port: (server.address() as AddressInfo).port, asked, certificates }
}

/** The node of that kubelet; an address of the documentation's network (RFC 5737), or a port without anybody, is never reached. */
function nodeAt(port: number, more: Partial<KubeletNode> = {}): KubeletNode {
  return { name: 'node-1', addresses: ['127.0.0.1'], port, forwarders: async () => [], ...more }
}

/** Leads a port-forward to loopback, as a kubelet does it for pods that have the node's network. */
function forwardTo(port: number) {
  return (socket: WebSocket) => {
    const greeting = Buffer.alloc(2)
    socket.send(onChannel(0, greeting))
    socket.send(onChannel(1, greeting))
    const tcp = connect(port, '127.0.0.1')
    tcp.on('data', (data) => socket.send(onChannel(0, data)))
    tcp.on('error', (error) => socket.send(onChannel(1, error.message)))
    tcp.on('close', () => socket.close(1000))
    socket.on('message', (message: Buffer) => tcp.write(message.subarray(1)))
    socket.on('close', () => tcp.destroy())
  }
}

test('A kubelet is asked directly, with the credential of the user, once its certificate is verified', async () => {
  const { port, asked } = await serveKubelet(certificate)
  const { kube, requests } = await servePods({ take, cluster, user })
  const kubelet = kube.kubelets.of(nodeAt(port))
  const answer = await kubelet.get('/metrics', { signal })
  expect(answer).toMatchObject({ status: 200, way: 'direct', body: Buffer.from('ok') })
  expect(asked).toEqual(['/metrics Bearer token-of-jane'])
  expect(requests).toEqual([])
})

test('An answer may take longer than a connection may', async () => {
  const { port } = await serveKubelet(certificate, 200, 3500)
  const { kube } = await servePods({ take, cluster, user })
  expect(await kube.kubelets.of(nodeAt(port)).get('/logs/', { signal })).toMatchObject({ body: Buffer.from('ok') })
})

test('No credential is sent to a kubelet whose certificate cannot be verified', async () => {
  const { port, asked, certificates } = await serveKubelet(stranger)
  const shown = {
    'client-certificate-data': Buffer.from(certificate.cert).toString('base64'),
    'client-key-data': Buffer.from(certificate.key).toString('base64'),
  }
  for (const credential of [user, shown]) {
    const { kube } = await servePods({ take, cluster, user: credential })
    const kubelet = kube.kubelets.of(nodeAt(port))
    await expect(kubelet.get('/metrics', { signal })).rejects.toThrow(
      /certificate that cannot be verified .*no credential was sent to it\. Name its authority with --kubelet-ca/,
    )
  }
  expect(asked).toEqual([])
  expect(new Set(certificates)).toEqual(new Set(['-']))
})

test('A certificate of another node is not taken for this one', async () => {
  const other = await createCertificate(['10.1.2.3'])
  const { port, asked } = await serveKubelet(other)
  const { kube } = await servePods({
    take,
    user,
    cluster: { 'certificate-authority-data': Buffer.from(other.cert).toString('base64') },
  })
  const kubelet = kube.kubelets.of(nodeAt(port))
  await expect(kubelet.get('/metrics', { signal })).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID')
  expect(asked).toEqual([])
})

test('A client certificate is shown to a kubelet that was verified', async () => {
  const { port, certificates } = await serveKubelet(certificate)
  const { kube } = await servePods({
    take,
    cluster,
    user: {
      'client-certificate-data': Buffer.from(certificate.cert).toString('base64'),
      'client-key-data': Buffer.from(certificate.key).toString('base64'),
    },
  })
  const kubelet = kube.kubelets.of(nodeAt(port))
  await kubelet.get('/metrics', { signal })
  expect(certificates).toEqual(['-', 'freezeframe replay'])
})

test('From outside of the network a kubelet is reached through a pod of its node, with TLS inside', async () => {
  const { port, asked } = await serveKubelet(certificate)
  const { kube, requests } = await servePods({ take: forwardTo(port), protocols: ['v4.channel.k8s.io'], cluster, user })
  const node = nodeAt(port, {
    addresses: ['127.0.0.2', '127.0.0.1'],
    forwarders: async () => [{ namespace: 'kube-system', pod: 'kube-proxy-1' }],
  })
  const kubelet = kube.kubelets.of(node)
  expect(await kubelet.get('/metrics', { signal })).toMatchObject({ way: 'port-forward', body: Buffer.from('ok') })
  expect(await kubelet.get('/stats/summary', { signal })).toMatchObject({ way: 'port-forward' })
  expect(asked).toEqual(['/metrics Bearer token-of-jane', '/stats/summary Bearer token-of-jane'])
  expect(new Set(requests)).toEqual(
    new Set([`GET /api/v1/namespaces/kube-system/pods/kube-proxy-1/portforward?ports=${port}`]),
  )
})

test("A listing that comes by the API server's proxy is taken where one was asked for, and headers go with the question", async () => {
  let range: string | undefined
  const { kube } = await servePods({
    take: () => {},
    refuse: () => ({ status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'not for you' } }),
    connect: { allowNodesProxy: true },
    answer(request, response) {
      range = request.headers.range
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end('<pre></pre>')
    },
  })
  const kubelet = kube.kubelets.of(nodeAt(1, { addresses: [] }))
  const headers = { range: 'bytes=-5' }
  expect(await kubelet.get('/logs/', { signal, page: true, headers })).toMatchObject({ way: 'proxy', status: 200 })
  expect(range).toBe('bytes=-5')
  await expect(kubelet.get('/logs/', { signal })).rejects.toThrow('web page')
})

test("The API server's proxy is used only where it is allowed", async () => {
  const node = nodeAt(1)
  const answer = {
    take,
    cluster,
    user,
    answer: (_: unknown, response: { end(text: string): void }) => response.end('by proxy'),
  }
  const { kube, requests } = await servePods(answer)
  const least = kube.kubelets.of(node)
  await expect(least.get('/metrics', { signal })).rejects.toThrow(
    'No way leads to the kubelet of node node-1: 127.0.0.1:1 cannot be reached (ECONNREFUSED); no running pod has the network of node node-1',
  )
  expect(requests).toEqual([])
  const { kube: other, requests: asked } = await servePods({ ...answer, connect: { allowNodesProxy: true } })
  const allowed = other.kubelets.of(node)
  expect(await allowed.get('/metrics', { signal })).toMatchObject({ way: 'proxy', body: Buffer.from('by proxy') })
  expect(asked).toEqual(['GET /api/v1/nodes/node-1/proxy/metrics'])
})

test('A refusal of the kubelet is told in its words, and is final where no other way has other rights', async () => {
  const { port } = await serveKubelet(certificate, 403)
  const { kube, requests } = await servePods({ take, cluster, user, answer: (_, response) => response.end('by proxy') })
  const kubelet = kube.kubelets.of(nodeAt(port))
  await expect(kubelet.get('/metrics', { signal })).rejects.toMatchObject({
    status: 403,
    message: '/metrics answered 403: Forbidden (user=jane, verb=get, subresource=metrics)',
  })
  expect(requests).toEqual([])
  const { kube: other } = await servePods({
    take,
    cluster,
    user,
    answer: (_, response) => response.end('by proxy'),
    connect: { allowNodesProxy: true },
  })
  const allowed = other.kubelets.of(nodeAt(port))
  expect(await allowed.get('/metrics', { signal })).toMatchObject({ way: 'proxy' })
})

test("A refusal is not forgotten where the API server's proxy leads nowhere", async () => {
  const { port } = await serveKubelet(certificate, 403)
  const body = JSON.stringify({
    kind: 'Status',
    reason: 'ServiceUnavailable',
    message: 'error dialing backend',
    code: 503,
  })
  const answer = (_: unknown, response: ServerResponse) =>
    response.writeHead(504, { 'content-type': 'application/json' }).end(body)
  const { kube } = await servePods({ take, cluster, user, answer, connect: { allowNodesProxy: true } })
  await expect(kube.kubelets.of(nodeAt(port)).get('/metrics', { signal })).rejects.toMatchObject({
    status: 403,
    message: expect.stringMatching(
      /^No way leads to the kubelet of node node-1: \/metrics answered 403: Forbidden \(user=jane.*; .*error dialing backend/,
    ),
  })
})

test('Waiting for the pods through which a kubelet is reached is no silence of it', async () => {
  const { port } = await serveKubelet(certificate)
  const { kube } = await servePods({ take: forwardTo(port), protocols: ['v4.channel.k8s.io'], cluster, user })
  const listed = Promise.withResolvers<{ namespace: string; pod: string }[]>()
  const node = nodeAt(port, { addresses: ['127.0.0.2', '127.0.0.1'], forwarders: () => listed.promise })
  const answer = kube.kubelets.of(node).get('/metrics', { signal, timeout: 1000 })
  setTimeout(() => listed.resolve([{ namespace: 'kube-system', pod: 'kube-proxy-1' }]), 1500)
  expect(await answer).toMatchObject({ way: 'port-forward', body: Buffer.from('ok') })
})

test('An answer may take longer than a connection', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const asked = Promise.withResolvers<ServerResponse>()
  const server = createServer({ ...certificate }, (_, response) => asked.resolve(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.closeAllConnections())
  const { kube } = await servePods({ take, cluster, user })
  const kubelet = kube.kubelets.of(nodeAt((server.address() as AddressInfo).port))
  const answer = kubelet.get('/metrics', { signal, timeout: 60_000 })
  const response = await asked.promise
  vi.advanceTimersByTime(30_000)
  response.end('late')
  expect(await answer).toMatchObject({ body: Buffer.from('late') })
})

test('A kubelet that hangs costs its own time once, and is not asked again', async () => {
  const asked: string[] = []
  const server = createServer({ ...certificate }, (request) => asked.push(String(request.url)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.closeAllConnections())
  const { kube } = await servePods({ take, cluster, user })
  const kubelet = kube.kubelets.of(nodeAt((server.address() as AddressInfo).port))
  await expect(kubelet.get('/metrics', { signal, timeout: 300 })).rejects.toMatchObject({ reason: 'Timeout' })
  await expect(kubelet.get('/stats/summary', { signal })).rejects.toMatchObject({
    reason: 'Timeout',
    message: '/stats/summary was not asked: the kubelet of node node-1 had not answered before.',
  })
  expect(asked).toEqual(['/metrics'])
})

test('Whoever impersonates somebody does not ask kubelets as himself', async () => {
  const { port, asked } = await serveKubelet(certificate)
  const { kube } = await servePods({ take, cluster, user, connect: { as: 'intern' } })
  const kubelet = kube.kubelets.of(nodeAt(port))
  await expect(kubelet.get('/metrics', { signal })).rejects.toThrow(
    'a kubelet knows no impersonation, and would answer as to yourself and not as to intern',
  )
  expect(asked).toEqual([])
})

test('Whoever captures a replay does not dial the addresses that its nodes once had', async () => {
  const { port, asked } = await serveKubelet(certificate)
  const answer = (_: unknown, response: ServerResponse) => response.writeHead(200, { [REPLAY_HEADER]: '1' }).end('{}')
  const { kube } = await servePods({ take, cluster, user, answer })
  await kube.get('/version', { signal, verb: 'get' })
  await expect(kube.kubelets.of(nodeAt(port)).get('/metrics', { signal })).rejects.toMatchObject({
    status: 404,
    message: 'A replay has no nodes that could be asked.',
  })
  expect(asked).toEqual([])
})

test("A refusal leads to the API server's proxy also where any other answer would be taken", async () => {
  const { port } = await serveKubelet(certificate, 403)
  const { kube } = await servePods({
    take,
    cluster,
    user,
    connect: { allowNodesProxy: true },
    answer: (_, response) => response.end('by proxy'),
  })
  const kubelet = kube.kubelets.of(nodeAt(port))
  expect(await kubelet.get('/healthz', { signal, anyStatus: true })).toMatchObject({ way: 'proxy', status: 200 })
})
