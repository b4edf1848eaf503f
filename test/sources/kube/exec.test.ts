import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { execute } from '../../../src/sources/kube/exec.ts'
import { onChannel, servePods } from './pod-server.ts'

const TARGET = {
  namespace: 'kube-system',
  pod: 'aws-node-1',
  container: 'aws-node',
  command: ['/usr/sbin/conntrack', '-S'],
} as const
const signal = new AbortController().signal

const FAILED = {
  status: 'Failure',
  reason: 'NonZeroExitCode',
  message: 'command terminated with non-zero exit code',
  details: { causes: [{ reason: 'ExitCode', message: '2' }] },
}

/** A pod that says these messages and closes. */
function saying(messages: readonly Buffer[], protocols?: readonly string[]) {
  return servePods({
    ...(protocols ? { protocols } : {}),
    take(socket) {
      for (const message of messages) socket.send(message)
      socket.close(1000)
    },
  })
}

async function run(kube: Awaited<ReturnType<typeof saying>>['kube']) {
  const execution = await execute(kube, TARGET, { signal })
  const stdout = Buffer.concat(await Readable.from(execution.stdout).toArray()).toString()
  return { stdout, ...execution.ended() }
}

test('A command is asked for word by word, and its output comes with how it ended', async () => {
  const { kube, requests } = await saying([
    onChannel(1, 'cpu=0 found=1\n'),
    onChannel(2, 'a warning'),
    onChannel(3, JSON.stringify({ status: 'Success' })),
  ])
  expect(await run(kube)).toEqual({ stdout: 'cpu=0 found=1\n', exitCode: 0, stderr: 'a warning' })
  expect(requests).toEqual([
    'GET /api/v1/namespaces/kube-system/pods/aws-node-1/exec?container=aws-node&stdout=true&stderr=true&command=%2Fusr%2Fsbin%2Fconntrack&command=-S',
  ])
})

test('A command that fails tells its exit code', async () => {
  const { kube } = await saying([onChannel(2, 'no such thing'), onChannel(3, JSON.stringify(FAILED))])
  expect(await run(kube)).toEqual({ stdout: '', exitCode: 2, stderr: 'no such thing' })
})

test('A command that could not be started is told in the words of the kubelet', async () => {
  const message = 'Internal error occurred: exec: "/usr/sbin/conntrack": no such file or directory'
  const { kube } = await saying([onChannel(3, JSON.stringify({ status: 'Failure', reason: 'InternalError', message }))])
  await expect(run(kube)).rejects.toThrow(message)
})

test('A kubelet that knows only the oldest protocol is understood as well', async () => {
  const { kube } = await saying(
    [onChannel(1, 'out'), onChannel(3, 'command terminated with exit code 3')],
    ['channel.k8s.io'],
  )
  expect(await run(kube)).toMatchObject({ stdout: 'out', exitCode: 3 })
  const { kube: well } = await saying([onChannel(1, 'out')], ['channel.k8s.io'])
  expect(await run(well)).toMatchObject({ exitCode: 0 })
})

test('An output that ends without a status is no success', async () => {
  const { kube } = await saying([onChannel(1, 'half')])
  await expect(run(kube)).rejects.toThrow('/usr/sbin/conntrack in kube-system/aws-node-1 ended without a status')
})

test('What breaks after the last word has lost nothing', async () => {
  const { kube } = await servePods({
    take(socket) {
      socket.send(onChannel(1, 'all of it'))
      socket.send(onChannel(3, JSON.stringify({ status: 'Success' })), () => setTimeout(() => socket.terminate(), 50))
    },
  })
  expect(await run(kube)).toMatchObject({ stdout: 'all of it', exitCode: 0 })
})

test('What ends before anybody reads ends the command too', async () => {
  const closed = Promise.withResolvers<void>()
  const { kube } = await servePods({ take: (socket) => void socket.on('close', () => closed.resolve()) })
  const ending = new AbortController()
  const execution = await execute(kube, TARGET, { signal: ending.signal })
  ending.abort()
  await closed.promise
  expect(await Readable.from(execution.stdout).toArray()).toEqual([])
})

test('A message in pieces without end is broken off', async () => {
  const { kube } = await servePods({
    take(socket) {
      socket.on('error', () => {})
      const raw = (socket as unknown as { readonly _socket: Socket })._socket
      // RFC 6455 section 5.4: a first frame that is not the last, and empty ones that go on with it.
      raw.write(Buffer.of(0x02, 0))
      raw.write(Buffer.alloc(40_000))
    },
  })
  await expect(run(kube)).rejects.toThrow('a message has more than 8192 pieces')
})

test('A last word without end is kept in part', async () => {
  const { kube } = await saying([...Array.from({ length: 20 }, () => onChannel(3, 'x'.repeat(1_000_000)))])
  const failure = await run(kube).catch((error: Error) => error)
  expect(String(failure).length).toBeLessThan(100_000)
})
