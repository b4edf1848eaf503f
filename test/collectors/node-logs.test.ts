import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { nodeLogs } from '../../collectors/node-logs.ts'
import type { PodOfNode } from '../../src/collector.ts'
import { collect, files, type Given, nodeTarget } from './collect.ts'

const HTML = 'text/html; charset=utf-8'
const QUERY_OFF = 'the kubelet answers no queries for logs (enableSystemLogQuery is off)'

type Kubelet = NonNullable<Given['kubelet']>
type Folder = Readonly<Record<string, string | Buffer>>

/** The log folder of a node as a kubelet serves it: Go's file server, and journalctl behind `query` where that is on. */
function serveFolder(folder: Folder, journal?: Readonly<Record<string, string>>): Kubelet {
  return (asked, headers = {}) => {
    const { pathname, searchParams } = new URL(asked, 'http://node')
    const path = decodeURIComponent(pathname.replace(/^\/logs\//, ''))
    const unit = searchParams.get('query')
    if (unit !== null && journal) return journal[unit] ?? `\nlog not found for ${unit}\n`
    if (path === '' || path.endsWith('/')) return listFolder(path, folder)
    const file = folder[path]
    if (file === undefined) return undefined
    const last = Number(/^bytes=-(\d+)$/.exec(headers.range ?? '')?.[1] ?? Number.POSITIVE_INFINITY)
    return { status: headers.range ? 206 : 200, body: Buffer.from(file).subarray(-last) }
  }
}

function listFolder(path: string, folder: Folder) {
  const below = Object.keys(folder).filter((name) => name.startsWith(path))
  if (below.length === 0) return undefined
  const names = new Set(below.map((name) => name.slice(path.length).replace(/\/.*/, '/')))
  const links = [...names].map((name) => `<a href="${encodeURI(name)}">${name}</a>\n`)
  return { contentType: HTML, body: `<!doctype html>\n<pre>\n${links.join('')}</pre>\n` }
}

function pod(name: string, uid: string, suspect = false): PodOfNode {
  return { namespace: 'shop', name, uid, suspect }
}

function read(kubelet: Kubelet, pods: readonly PodOfNode[] = [], settings: Given['settings'] = {}) {
  return collect(nodeLogs, () => {}, { target: nodeTarget('n1', { pods: async () => pods }), kubelet, settings })
}

const lineOf = ({ closes }: Awaited<ReturnType<typeof read>>, path: string) =>
  closes.find(({ scope }) => scope.path === path)
const ROOT = 'nodes/n1/once/node-logs'

describe('node-logs', () => {
  it('asks the journal for the units of kubelet and runtime, since when and how much was asked for', async () => {
    const kubelet = serveFolder(
      { lastlog: '' },
      { kubelet: 'Jan 31 PLEG is not healthy\n', containerd: '-- No entries --\n' },
    )
    const since = new Date('2026-01-31T08:00:00.500Z')
    const collected = await read(kubelet, [], { since })
    expect(files(collected)).toEqual({ [`${ROOT}/kubelet.journal.log`]: 'Jan 31 PLEG is not healthy\n' })
    expect(collected.evidence[0]).toMatchObject({ content: { type: 'log' }, obtained: { way: 'direct' } })
    expect(collected.requests[1]).toBe(
      'GET https://n1/logs/?query=kubelet&tailLines=5000&sinceTime=2026-01-31T08%3A00%3A00Z',
    )
    expect(lineOf(collected, '/logs/?query=containerd')).toMatchObject({ status: 'empty' })
  })

  it('never takes the listing that comes where queries are off for a log', async () => {
    const collected = await read(serveFolder({ 'kern.log': 'kernel: OOM\n' }))
    expect(files(collected)).toEqual({ [`${ROOT}/kern.log`]: 'kernel: OOM\n' })
    expect(lineOf(collected, '/logs/?query=kubelet')).toMatchObject({ status: 'unsupported', reason: QUERY_OFF })
  })

  it('takes the file where the kubelet says that the unit logs into one', async () => {
    const sentence = '\noptions present and query resolved to log files for [kubelet]\ntry without specifying options\n'
    const collected = await read(serveFolder({ 'kubelet.log': 'I0131 started\n' }, { kubelet: sentence }))
    expect(files(collected)).toEqual({ [`${ROOT}/kubelet.log`]: 'I0131 started\n' })
    expect(lineOf(collected, '/logs/?query=kubelet')?.status).toBe('unsupported')
    expect(lineOf(collected, '/logs/?query=containerd')).toMatchObject({
      status: 'unsupported',
      reason: "the node's journal has no such unit: log not found for containerd",
    })
  })

  it('says that the journal alone has what the kernel said', async () => {
    const collected = await read(serveFolder({ lastlog: '' }))
    expect(lineOf(collected, '/logs/kern.log')).toMatchObject({ status: 'unsupported' })
    expect(lineOf(await read(serveFolder({ syslog: 'a\n' })), '/logs/kern.log')).toBeUndefined()
  })

  it('keeps the end of a long file, from the beginning of a line', async () => {
    const line = `${'x'.repeat(99)}\n`
    const collected = await read(serveFolder({ messages: line.repeat(30_000) }))
    const { length } = files(collected)[`${ROOT}/messages`] ?? ''
    expect([length % 100, length > 2_000_000, length <= 2 * 1024 * 1024]).toEqual([0, true, true])
    expect(lineOf(collected, '/logs/messages')).toMatchObject({
      status: 'truncated',
      reason: 'the last 2 MiB of it are kept',
    })
  })

  it('reads what the CNI wrote, and says where it wrote nothing', async () => {
    const collected = await read(
      serveFolder({ 'aws-routed-eni/ipamd.log': 'no free IP\n', 'aws-routed-eni/other.log': '' }),
    )
    expect(files(collected)).toEqual({ [`${ROOT}/ipamd.log`]: 'no free IP\n' })
    const without = await read(serveFolder({ messages: '' }))
    expect(lineOf(without, '/logs/aws-routed-eni/')).toMatchObject({ status: 'unsupported' })
  })

  it('stops with one line where the logs are denied, or not served at all', async () => {
    const { closes } = await read(() => undefined)
    expect(closes).toMatchObject([{ scope: { node: 'n1', path: '/logs/' }, status: 'unsupported' }])
  })
})

describe('logs of containers that the API server does not give', () => {
  const FOLDER = {
    'pods/shop_web-1_u1/app/3.log': 'now\n',
    'pods/shop_web-1_u1/app/3.log.20260131-080000': 'rotated\n',
    'pods/shop_web-1_u1/app/3.log.20260131-070000.gz': gzipSync('packed\n'),
    'pods/shop_web-1_u1/app/2.log': 'previous\n',
    'pods/shop_web-1_u1/app/1.log': 'before that\n',
    'pods/shop_fine-1_u2/app/0.log': 'fine\n',
    'pods/shop_fine-1_u2/app/0.log.20260131-080000': 'fine before\n',
    'pods/shop_web-0_u0/app/0.log': 'last words\n',
    'pods/bank_till-1_u3/app/0.log': 'of another namespace\n',
    'pods/kube-system_static-n1_0123456789abcdef0123456789abcdef/app/0.log': 'static\n',
  }
  const KNOWN = [pod('web-1', 'u1', true), pod('fine-1', 'u2'), { ...pod('static-n1', 'u9'), namespace: 'kube-system' }]
  const below = (collected: Awaited<ReturnType<typeof read>>) =>
    Object.fromEntries(
      Object.entries(files(collected)).map(([path, text]) => [path.replace(`${ROOT}/pods/`, ''), text]),
    )

  it('are all of a pod that is gone, and what was rotated away of one that is suspect', async () => {
    const collected = await read(serveFolder(FOLDER), KNOWN, { logs: 'suspects' })
    expect(below(collected)).toEqual({
      'shop/web-0/u0/app/0.log': 'last words\n',
      'bank/till-1/u3/app/0.log': 'of another namespace\n',
      'shop/web-1/u1/app/3.log.20260131-080000': 'rotated\n',
      'shop/web-1/u1/app/3.log.20260131-070000': 'packed\n',
      'shop/web-1/u1/app/1.log': 'before that\n',
    })
    expect(lineOf(collected, '/logs/pods/')).toMatchObject({ status: 'complete' })
    expect(lineOf(collected, '/logs/pods/shop_web-0_u0/app/0.log')?.scope).toMatchObject({
      namespace: 'shop',
      name: 'web-0',
      container: 'app',
    })
  })

  it('are what was rotated away of every pod where all logs are asked for', async () => {
    const collected = await read(serveFolder(FOLDER), KNOWN, { logs: 'all' })
    expect(below(collected)).toHaveProperty(['shop/fine-1/u2/app/0.log.20260131-080000'], 'fine before\n')
  })

  it('are those of the namespaces that were asked for, and none where no logs were', async () => {
    const shop = await read(serveFolder(FOLDER), [pod('web-1', 'u1'), pod('fine-1', 'u2')], {
      namespaces: ['shop'],
      logs: 'suspects',
    })
    expect(Object.keys(below(shop))).toEqual(['shop/web-0/u0/app/0.log'])
    const none = await read(serveFolder(FOLDER), KNOWN, { logs: 'none' })
    expect(files(none)).toEqual({})
  })

  it('are bounded, and the line says how many were left out', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`pods/shop_gone-1_u1/app/${index}.log`, `${index}\n`]),
    )
    const collected = await read(serveFolder(many))
    expect(collected.evidence).toHaveLength(40)
    expect(Object.values(files(collected))[0]).toBe('49\n')
    expect(lineOf(collected, '/logs/pods/')).toMatchObject({
      status: 'truncated',
      reason: expect.stringMatching(/^10 more/),
    })
  })

  it('that cannot be unpacked are no evidence', async () => {
    const broken = { 'pods/shop_gone-1_u1/app/0.log.20260131-080000.gz': 'no gzip' }
    const collected = await read(serveFolder(broken))
    expect(collected.evidence).toEqual([])
    expect(collected.closes.some(({ status, reason }) => status === 'failed' && /unpacked/.test(reason ?? ''))).toBe(
      true,
    )
  })
})

it('goes where a folder leads, and nowhere else', async () => {
  const page = (...links: readonly string[]) => ({
    contentType: HTML,
    body: links.map((link) => `<a href="${link}">x</a>\n`).join(''),
  })
  const folders: Readonly<Record<string, ReturnType<typeof page>>> = {
    '/logs/': page('pods/', 'pods/../../api/'),
    '/logs/pods/': page('shop_gone-1_u9/'),
    '/logs/pods/shop_gone-1_u9/': page('app/', '../', 'x/../../../../api/v1/', 'y%2F..%2F..%2F/'),
    '/logs/pods/shop_gone-1_u9/app/': page('0.log'),
  }
  const { requests } = await read((path) => folders[path])
  expect(requests).toContain('GET https://n1/logs/pods/shop_gone-1_u9/app/0.log')
  expect(requests.filter((one) => /\.\.|%2F/i.test(one))).toEqual([])
})
