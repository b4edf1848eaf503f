import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { forwardPort } from '../../../src/sources/kube/port-forward.ts'
import { onChannel, servePods } from './pod-server.ts'

const TARGET = { namespace: 'kube-system', pod: 'proxy-1', port: 10249 }
const PORT = Buffer.from([0x09, 0x28])
const signal = new AbortController().signal

/** What a kubelet says first: the port, on each channel. */
function greet(socket: WebSocket): void {
  socket.send(onChannel(0, PORT))
  socket.send(onChannel(1, PORT))
}

test('What is written arrives in the pod, and what the pod answers is read', async () => {
  const { kube, requests } = await servePods({
    take(socket) {
      greet(socket)
      socket.on('message', (message: Buffer) => {
        expect(message[0]).toBe(0)
        socket.send(onChannel(0, `echo ${message.subarray(1)}`))
        socket.close(1000)
      })
    },
  })
  const stream = await forwardPort(kube, TARGET, { signal })
  stream.write('hello')
  expect(Buffer.concat(await stream.toArray()).toString()).toBe('echo hello')
  expect(requests).toEqual(['GET /api/v1/namespaces/kube-system/pods/proxy-1/portforward?ports=10249'])
})

test('A port that nobody listens on is told in the words of the kubelet', async () => {
  const { kube } = await servePods({
    take(socket) {
      greet(socket)
      socket.send(onChannel(1, 'failed to connect to localhost:10249 inside namespace: connection refused\n'))
      socket.close(1000)
    },
  })
  const stream = await forwardPort(kube, TARGET, { signal })
  await expect(stream.toArray()).rejects.toThrow(
    'failed to connect to localhost:10249 inside namespace: connection refused',
  )
})

test('A refusal is told in the words of the API server', async () => {
  const message = 'pods "proxy-1" is forbidden: User "jane" cannot create resource "pods/portforward"'
  const { kube } = await servePods({
    take: () => {},
    refuse: () => ({ status: 403, body: { kind: 'Status', reason: 'Forbidden', message } }),
  })
  await expect(forwardPort(kube, TARGET, { signal })).rejects.toMatchObject({ status: 403, message })
})

test('A connection that breaks without a goodbye is an error, not an end', async () => {
  const { kube } = await servePods({
    take(socket) {
      greet(socket)
      socket.send(onChannel(0, 'half an ans'))
      setTimeout(() => socket.terminate(), 50)
    },
  })
  const stream = await forwardPort(kube, TARGET, { signal })
  await expect(stream.toArray()).rejects.toThrow('The WebSocket broke')
})

test('A pod that says nothing is given up after the time that was given', async () => {
  const { kube } = await servePods({ take: greet })
  const stream = await forwardPort(kube, TARGET, { signal, timeout: 100 })
  await expect(stream.toArray()).rejects.toThrow('nothing came for 0.1 s')
})

test('A stream that nobody reads holds the sender back, and loses nothing', async () => {
  const part = Buffer.alloc(64 * 1024, 7)
  const parts = 500
  let sent = 0
  const { kube } = await servePods({
    async take(socket) {
      greet(socket)
      for (; sent < parts; sent++) await new Promise((done) => socket.send(onChannel(0, part), done))
      socket.close(1000)
    },
  })
  const stream = await forwardPort(kube, TARGET, { signal })
  await sleep(500)
  expect(sent).toBeLessThan(parts)
  let length = 0
  for await (const chunk of stream) length += (chunk as Buffer).length
  expect(length).toBe(parts * part.length)
})

test('An end from outside breaks the stream off at once', async () => {
  const ending = new AbortController()
  const { kube } = await servePods({ take: greet })
  const stream = await forwardPort(kube, TARGET, { signal: ending.signal })
  const reading = stream.toArray()
  ending.abort(new Error('interrupted'))
  await expect(reading).rejects.toThrow()
})
