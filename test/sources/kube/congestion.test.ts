import type { Dispatcher } from 'undici'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createCongestion } from '../../../src/sources/kube/congestion.ts'
import { waitBefore } from '../../../src/sources/kube/retry.ts'
import { connectTo, serve } from './server.ts'

const signal = new AbortController().signal

test('a kubelet that answers its logs slowly leaves the API server all that it can bear', async () => {
  let slow = false
  const { url } = await serve((_, response) => void setTimeout(() => response.end('a line\n'), slow ? 400 : 0))
  const kube = await connectTo({ server: url })
  const readLogs = (count: number) =>
    Promise.all(Array.from({ length: count }, () => kube.stream('/log', { signal, verb: 'log' }).then(drain)))
  await readLogs(12)
  const { limit } = kube.congestion()
  slow = true
  await readLogs(24)
  expect(kube.congestion().limit).toBeGreaterThanOrEqual(limit)
})

test('logs that a dead kubelet never gives hold no place of what the API server answers', async () => {
  const { url } = await serve((request, response) => {
    if (request.url !== '/log') response.end('{}')
  })
  const kube = await connectTo({ server: url })
  const gone = new AbortController()
  const hanging = Array.from({ length: 40 }, () => kube.stream('/log', { signal: gone.signal, verb: 'log' }))
  await Promise.all(Array.from({ length: 20 }, () => kube.get('/list', { signal, verb: 'list' })))
  gone.abort()
  expect((await Promise.allSettled(hanging)).every(({ status }) => status === 'rejected')).toBe(true)
})

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

test('access reviews, however many, keep no evidence waiting', async () => {
  const order: string[] = []
  const { url } = await serve(({ method }, response) => {
    order.push(method ?? '')
    setTimeout(() => response.end('{}'), 20)
  })
  const kube = await connectTo({ server: url })
  const reviews = Array.from({ length: 100 }, () => kube.post(REVIEWS, {}, { signal, verb: 'create' }))
  await Promise.all([...reviews, kube.get('/list', { signal, verb: 'list' })])
  expect(order).toHaveLength(101)
  expect(order.indexOf('GET')).toBeLessThan(20)
})

test('a 429 that asks for weeks stops the others for seconds, and the refused one for less than a minute', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const congestion = createCongestion()
  congestion.throttled(3_000_000_000)
  const entered = vi.fn()
  void congestion.enter(signal).then(entered)
  await vi.advanceTimersByTimeAsync(4000)
  expect(entered).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2000)
  expect(entered).toHaveBeenCalled()
  const refusal = { headers: { 'retry-after': '3000000' } } as unknown as Dispatcher.ResponseData
  expect(waitBefore(1, refusal)).toBeLessThan(60_000)
})

async function drain({ body }: { body: AsyncIterable<Buffer> }): Promise<void> {
  for await (const _ of body);
}
