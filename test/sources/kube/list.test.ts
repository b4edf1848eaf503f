import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { type ListPage, listPages } from '../../../src/sources/kube/list.ts'
import { connectTo, sendStatus, serve } from './server.ts'

/** A continue token as the API server makes it (apiserver/pkg/storage/continue.go). */
function tokenBehind(name: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 7, start: `${name}\0` })).toString('base64url')
}

/** The head of a page, longer than what is waited for, and its end. */
function headOf(token: string): string {
  const metadata = JSON.stringify({ resourceVersion: '7', ...(token ? { continue: token } : {}) })
  return `{"kind":"PodList","metadata":${metadata},"items":[{"metadata":{"name":"${'x'.repeat(5000)}"}}`
}

function start(response: ServerResponse, token: string): () => void {
  response.writeHead(200, { 'content-type': 'application/json' }).write(headOf(token))
  return () => void response.end(']}')
}

function limitOf(url = ''): string {
  return new URL(url, 'http://any').searchParams.get('limit') ?? ''
}

const LIST = { path: '/api/v1/pods', limit: 500, signal: new AbortController().signal }

async function readAll(pages: AsyncIterable<ListPage>): Promise<number[]> {
  const numbers: number[] = []
  for await (const page of pages) numbers.push(page.number)
  return numbers
}

test('the second page is asked for when the head of the first is there, and no page twice', async () => {
  let endFirst = () => {}
  const { url, requests } = await serve((_, response, number) => {
    if (number === 1) endFirst = start(response, tokenBehind('a'))
    // The first page ends only once the second has been asked for.
    else if (number === 2) {
      start(response, tokenBehind('b'))()
      endFirst()
    } else start(response, '')()
  })
  const kube = await connectTo({ server: url })
  expect(await readAll(listPages(kube, LIST))).toEqual([1, 2, 3])
  expect(requests).toEqual([
    'GET /api/v1/pods?limit=500',
    `GET /api/v1/pods?limit=500&continue=${tokenBehind('a')}`,
    `GET /api/v1/pods?limit=500&continue=${tokenBehind('b')}`,
  ])
})

test('what was asked for ahead is dropped where the page ended elsewhere', async () => {
  const { url, requests } = await serve((request, response, number) => {
    if (number === 1) {
      start(response, tokenBehind('a'))
      // The page breaks off, and comes shorter.
      setTimeout(() => response.destroy(), 50)
    } else if (request.url?.includes(tokenBehind('a'))) start(response, '')
    else if (request.url?.includes('continue')) start(response, '')()
    else if (limitOf(request.url) === '500') sendStatus(response, 500, 'InternalError', 'etcdserver: request timed out')
    else start(response, tokenBehind('0'))()
  })
  const kube = await connectTo({ server: url })
  expect(await readAll(listPages(kube, LIST))).toEqual([1, 2])
  expect(requests.at(-1)).toBe(`GET /api/v1/pods?limit=125&continue=${tokenBehind('0')}`)
})

test('a list that is left is not asked on', async () => {
  let left = Promise.resolve()
  const { url, requests } = await serve((_, response, number) => {
    if (number === 1) start(response, tokenBehind('a'))()
    else left = new Promise((resolve) => response.once('close', resolve))
  })
  const kube = await connectTo({ server: url })
  for await (const _ of listPages(kube, LIST)) {
    await expect.poll(() => requests.length).toBe(2)
    break
  }
  await left
  expect(requests).toHaveLength(2)
  expect(kube.congestion().inFlight).toBe(0)
})

test('a body larger than what is taken is refused while it comes', async () => {
  const { url } = await serve((_, response) => void start(response, ''))
  const kube = await connectTo({ server: url })
  const options = { signal: LIST.signal, verb: 'get', maxBytes: 100 } as const
  await expect(kube.get('/large', options)).rejects.toMatchObject({ reason: 'TooLarge' })
})

test('a request that is ended fails with why, whether it was sent or still waits for a connection', async () => {
  const { url, requests } = await serve(() => {})
  const kube = await connectTo({ server: url })
  const reason = new Error('over')
  const asked = kube.get('/api', { signal: AbortSignal.timeout(0), verb: 'get' })
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
  const left = new AbortController()
  const hanging = kube.get('/hanging', { signal: left.signal, verb: 'get' })
  await expect.poll(() => requests).toContain('GET /hanging')
  left.abort(reason)
  await expect(hanging).rejects.toBe(reason)
  expect(kube.congestion().inFlight).toBe(0)
})
