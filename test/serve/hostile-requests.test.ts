import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeContinue } from '../../src/serve/continue.ts'
import { archiveOf, bundleOf, CORE_PODS, discoveryOf, pagesOf, pod } from './make-bundle.ts'
import { askServed, type ServedBundle, serveBundle, TOKEN } from './replay-server.ts'

/** Some MiB: more than the buffers of a connection hold. */
const PODS = 12_000

let served: ServedBundle
let folder: string
beforeAll(async () => {
  const pods = Array.from({ length: PODS }, (_, n) => pod('shop', `web-${String(n).padStart(5, '0')}`))
  const pages = pagesOf('cluster/core/v1/pods/_all', { kind: 'PodList', apiVersion: 'v1' }, pods, 500)
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-hostile-'))
  const source = join(folder, 'b.tar.gz')
  await writeFile(source, await archiveOf([...discoveryOf([CORE_PODS]), ...pages]))
  served = await serveBundle(source)
})
afterAll(async () => {
  await served?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Sends these bytes as they are, and gives what came until the connection was closed or has been silent for a while. */
async function send(bytes: string | Buffer, silence = 300): Promise<string> {
  const socket = connect(served.port, '127.0.0.1')
  const chunks: Buffer[] = []
  const done = Promise.withResolvers<void>()
  socket.setTimeout(silence, () => socket.destroy())
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {})
  socket.on('close', () => done.resolve())
  socket.write(bytes)
  await done.promise
  return Buffer.concat(chunks).toString('latin1')
}

function get(path: string, headers: readonly string[] = []): string {
  const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${served.port}`, `Authorization: Bearer ${TOKEN}`, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Opens a connection that asks for all pods, and gives it with the first bytes of the answer there. */
async function beginList(): Promise<Socket> {
  const socket = connect(served.port, '127.0.0.1')
  socket.write(get('/api/v1/pods'))
  await once(socket, 'readable')
  return socket
}

describe('a path', () => {
  const TRICKS = [
    '/../../../etc/passwd',
    '/api/v1/../../../manifest.json',
    '/api/v1/%2e%2e/%2e%2e/manifest.json',
    '/api/v1/namespaces/%2e%2e/pods',
    '/api/v1/namespaces/shop%2f..%2fother/pods/x',
    '/openapi/v3/../../manifest',
    '/openapi/v3/%2e%2e/version',
    '/apis/../version',
    '/apis/apps/v1/../../../cluster/version',
    '/apis/__proto__/constructor/toString',
    '/api/v1/pods%00',
    '/%00',
    '/api/v1/namespaces/shop/pods/%ff%fe',
    '/api/v1/namespaces/shop/pods/%zz',
    '/debug/api_priority_and_fairness/dump_../../x',
    '/logs/../manifest.json',
    '/api/v1/namespaces/shop/pods/web/log/../../../x',
    '\\\\windows\\system32',
    '/',
    '//',
    '/?',
    `/api/v1/namespaces/${'a'.repeat(8000)}/pods/x`,
    `/api/v1${'/namespaces'.repeat(500)}`,
    `/api/v1/pods/${'%25'.repeat(2000)}`,
  ]
  it.each(TRICKS)('%s names nothing, and is answered with a Status', async (path) => {
    const answer = await send(get(path, ['Connection: close']), 5000)
    expect(answer.slice(0, 12)).toMatch(/^HTTP\/1\.1 4\d\d|^HTTP\/1\.1 200/)
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    expect(body).not.toMatch(/root:|"root"|sha256/)
    if (answer.startsWith('HTTP/1.1 200')) expect(body).toContain('"items":[]')
    else if (body !== '') expect(JSON.parse(body)).toMatchObject({ kind: 'Status' })
  })

  it('with the server in it is the path alone', async () => {
    expect(await send(get(`http://127.0.0.1:${served.port}/version`, ['Connection: close']))).toMatch(
      /^HTTP\/1\.1 [24]\d\d/,
    )
    expect(await send(get('http://evil.example/version', ['Connection: close']))).toMatch(/^HTTP\/1\.1 [24]\d\d/)
  })

  it('longer than any header may be is refused, and the server lives on', async () => {
    expect(await send(get(`/api/v1/pods/${'a'.repeat(200_000)}`))).toMatch(/^HTTP\/1\.1 4(14|31) /)
    await expectAlive()
  })
})

describe('what is no request', () => {
  const GARBAGE: [string, string | Buffer][] = [
    ['zeros', Buffer.alloc(10_000)],
    ['a TLS greeting', Buffer.from('16030100a5010000a10303', 'hex')],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a header without an end', 'GET / HTTP/1.1\r\nHost: x'],
    ['a header with a line break', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\n b\0c\r\n\r\n'],
    ['two lengths', 'POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    [
      'a length and chunks',
      'POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['a thousand headers', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(5000)}\r\n`],
  ]
  it.each(GARBAGE)('%s is refused, and the server lives on', async (_, bytes) => {
    expect(await send(bytes)).toMatch(/^(HTTP\/1\.1 4\d\d [\s\S]*)?$/)
    await expectAlive()
  })

  it.each([
    'text/plain',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    'application/json;as=Nothing;g=meta.k8s.io;v=v1',
    ';;;,,,;as=Table',
    'application/json;as=Table;v=v9;g=meta.k8s.io',
    `application/json${';a=b'.repeat(2000)}`,
  ])('an Accept header of %s is answered in JSON or refused with 406', async (accept) => {
    const { status, text } = await askServed(served, '/api/v1/pods?limit=1', { accept })
    expect([200, 406]).toContain(status)
    expect(JSON.parse(text)).toMatchObject({ kind: status === 200 ? 'PodList' : 'Status' })
  })

  it.each([
    '?limit=-5',
    '?limit=99999999999999999999',
    '?limit=abc',
    '?continue=%00',
    '?continue=eyJ9',
    '?labelSelector=%ff',
    '?fieldSelector=%2c%2c%2c',
    '?watch=false&limit=1&limit=2',
    `?labelSelector=${'a,'.repeat(3000)}a`,
    '?&&&==&%&;',
    '?resourceVersion=1e9',
    '?timeoutSeconds=-1&limit=1',
  ])('a query of %s is answered as far as it says something', async (query) => {
    const { status, text } = await askServed(served, `/api/v1/pods${query}`)
    expect([200, 400, 410, 504]).toContain(status)
    expect(JSON.parse(text)).toMatchObject({ kind: status === 200 ? 'PodList' : 'Status' })
  })
})

describe('a continue token', () => {
  it('of this state goes on, and of another one has expired', async () => {
    const { text } = await askServed(served, '/api/v1/pods?limit=2')
    const { continue: token, resourceVersion } = (JSON.parse(text) as { metadata: Record<string, string> }).metadata
    expect(token).toBe(encodeContinue(resourceVersion ?? '', 'shop/web-00001'))
    const next = await askServed(served, `/api/v1/pods?limit=1&continue=${token}`)
    expect(JSON.parse(next.text)).toMatchObject({ items: [{ metadata: { name: 'web-00002' } }] })
    for (const other of ['4799', '4801', '', '0']) {
      const answer = await askServed(served, `/api/v1/pods?continue=${encodeContinue(other, 'shop/web-00001')}`)
      expect(answer.status, other).toBe(410)
      expect(JSON.parse(answer.text)).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' })
    }
  })

  it('of no object of ours is refused', async () => {
    const foreign = { v: 'freezeframe/v2', rv: '4800', after: 'shop/web-00001' }
    for (const token of [foreign, { ...foreign, v: 'freezeframe/v1', after: 7 }]) {
      const text = Buffer.from(JSON.stringify(token)).toString('base64url')
      expect((await askServed(served, `/api/v1/pods?continue=${text}`)).status).toBe(400)
    }
  })
})

describe('who may ask', () => {
  const HOSTS = ['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1.evil.example', 'localhost', '0.0.0.0', '']
  it.each(HOSTS)('a page that names its own host (%j) is refused, with the right token too', async (host) => {
    const bytes = `GET /api HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`
    expect(await send(bytes)).toMatch(/^HTTP\/1\.1 403 /)
  })

  it.each([
    [],
    ['Basic dTpw'],
    ['Bearer'],
    ['Bearer '],
    [`Bearer ${TOKEN}x`],
    [`Bearer ${TOKEN.slice(0, -1)}x`],
    [`Bearer x${TOKEN.slice(1)}`],
    [`Bearer ${TOKEN.toUpperCase()}`],
    [`Bearer ${TOKEN.slice(1)}`],
    [TOKEN],
    [`Bearer ${'x'.repeat(9000)}`],
  ])('an Authorization of %j is refused with 401, and nothing is told', async (...given) => {
    const lines = given.map((value) => `Authorization: ${value}\r\n`).join('')
    const bytes = `GET /api/v1/pods HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\n${lines}Connection: close\r\n\r\n`
    const answer = await send(bytes)
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer).not.toContain('web-')
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s without a token is refused like a GET, and with one told that the replay is read-only',
    async (method) => {
      const ask = (token: string) =>
        `${method} /api/v1/namespaces/shop/pods/web HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
      expect(await send(ask('wrong'))).toMatch(/^HTTP\/1\.1 401 /)
      expect(await send(ask(TOKEN))).toMatch(/^HTTP\/1\.1 405 [\s\S]*read-only replay of a bundle: shop as captured at/)
    },
  )

  it('an upgrade is refused the same way: without a token 401, with one 405', async () => {
    const path = '/api/v1/namespaces/shop/pods/web-00001/exec?command=sh'
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ]
    expect(await send(get(path, upgrade).replace(TOKEN, 'wrong'))).toMatch(/^HTTP\/1\.1 401 /)
    expect(await send(get(path, upgrade))).toMatch(/^HTTP\/1\.1 405 [\s\S]*read-only replay/)
  })

  it('an offer to speak HTTP/2 is not taken, and the request is answered', async () => {
    const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA']
    expect(await send(get('/api', offer))).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('a body without an end is not read into memory', async () => {
    const head = `POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nAuthorization: Bearer ${TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    expect(await send(head + chunk.repeat(100))).toMatch(/^(HTTP\/1\.1 4\d\d [\s\S]*)?$/)
    await expectAlive()
  })
})

describe('many clients', () => {
  it('may ask one question after the other without waiting: answers come in order', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `web-${String(n * 7).padStart(5, '0')}`)
    const paths = names.map((name) => `/api/v1/namespaces/shop/pods/${name}`)
    const answer = await send(paths.map((path) => get(path)).join(''), 1000)
    expect([...answer.matchAll(/"metadata":\{"name":"(web-\d+)"/g)].map(([, name]) => name)).toEqual(names)
  })

  it('64 at once all get all that they asked for', async () => {
    const lists = await Promise.all(
      Array.from({ length: 64 }, async (_, n) => {
        const { text } = await askServed(served, `/api/v1/namespaces/shop/pods?limit=1500&n=${n}`)
        return text.match(/"name":"web-\d{5}"/g)?.length
      }),
    )
    expect(new Set(lists)).toEqual(new Set([1500]))
  })

  it('one that reads nothing keeps nobody else from reading, and costs no memory', async () => {
    const before = process.memoryUsage().rss
    const slow = await Promise.all(Array.from({ length: 16 }, beginList))
    await expectAlive()
    const { text } = await askServed(served, '/api/v1/pods')
    expect(text.length).toBeGreaterThan(PODS * 500)
    // All their lists in memory were 16 × 8 MiB.
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
    for (const socket of slow) socket.destroy()
  })

  it('one that reads slowly gets every byte', async () => {
    const { text } = await askServed(served, '/api/v1/pods')
    const received = Promise.withResolvers<number>()
    const headers = { authorization: `Bearer ${TOKEN}` }
    httpRequest(`${served.url}/api/v1/pods`, { headers }, async (response) => {
      let bytes = 0
      for await (const chunk of response) {
        bytes += (chunk as Buffer).length
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      received.resolve(bytes)
    }).end()
    expect(await received.promise).toBe(Buffer.byteLength(text))
  })

  it('those who leave in the middle leave nothing behind', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    await settle()
    const before = sockets()
    for (let round = 0; round < 3; round++) {
      const leaving = await Promise.all(Array.from({ length: 16 }, beginList))
      for (const [n, socket] of leaving.entries()) n % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()
    }
    await settle()
    expect(sockets()).toBeLessThanOrEqual(before + 1)
    await expectAlive()
  })
})

describe('the end', () => {
  it.each([false, true])('comes at once, whoever is connected (TLS: %s)', async (tls) => {
    const other = await serveBundle(await bundleOf(discoveryOf([CORE_PODS])), { tls })
    const idle = connect(other.port, '127.0.0.1')
    idle.on('error', () => {})
    await once(idle, 'connect')
    const closed = other.close()
    const late = new Promise((resolve) => setTimeout(resolve, 5000, 'still open'))
    expect(await Promise.race([closed, late])).toBeUndefined()
    idle.destroy()
  })
})

async function expectAlive(): Promise<void> {
  expect((await askServed(served, '/api/v1/namespaces/shop/pods/web-00007')).status).toBe(200)
}

/** Sockets are gone some turns after they were destroyed. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200))
}
