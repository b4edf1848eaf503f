import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { nodeDiagnostic } from '../../collectors/node-diagnostic.ts'
import { KubeError } from '../../src/sources/kube/client.ts'
import type { CollectedLogs, Diagnostics } from '../../src/sources/node/diagnostic/diagnostics.ts'
import { makeFolder } from '../sources/kube/server.ts'
import { type Collected, collect, files, type Given, nodeTarget } from './collect.ts'

const PATH = '/logs/support/n1-logs.tar.gz'
const FOLDER = 'nodes/n1/once/node-diagnostic'

/** The archive of an agent (aws/eks-node-monitoring-agent v1.7, pkg/log_collector), in part. */
async function archive(given: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const folder = await makeFolder()
  for (const [path, body] of Object.entries(given)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), body)
  }
  return execFileSync('tar', ['-cz', '--sort=name', '-C', folder, ...Object.keys(given)], { maxBuffer: 2 ** 28 })
}

const USUAL = {
  'kernel/dmesg.current': '[ 1.0] nf_conntrack: nf_conntrack: table full, dropping packet\n',
  'kubelet/kubelet.log': '2026-01-31T08:00:00 kubelet[1]: started\n',
  'kubelet/kubeconfig.yaml': 'users: []\n',
  'kubelet/kubeconfig.gz': gzipSync('users: []\n'),
  'networking/conntrack.txt': '*** Output of conntrack -S ***\n',
  'networking/iprule.txt': '0: from all lookup local\n',
  'var_log/kube-system_coredns-1_u1/coredns/0.log': 'F hello\n',
}

/** Runs the collector on a node whose agent leaves this archive. */
async function run(
  given: Buffer | KubeError,
  { done = {}, served = true, ...more }: Given & { done?: Partial<CollectedLogs>; served?: boolean } = {},
): Promise<Collected & { removed: string[] }> {
  const removed: string[] = []
  const diagnostics: Diagnostics = {
    async collect() {
      if (given instanceof KubeError) throw given
      return { path: PATH.slice('/logs/'.length), complaint: undefined, ...done }
    },
    remove: async (node) => void removed.push(node),
    close: async () => {},
  }
  const discovery = Promise.resolve({
    resources: served ? [{ group: 'eks.amazonaws.com', version: 'v1alpha1', resource: 'nodediagnostics' }] : [],
  } as never)
  const kubelet = (path: string, headers?: Readonly<Record<string, string>>) =>
    path === PATH && Buffer.isBuffer(given) ? part(given, headers?.range) : undefined
  const collected = await collect(nodeDiagnostic, () => {}, {
    target: nodeTarget(),
    diagnostics,
    discovery,
    kubelet,
    ...more,
  })
  return { ...collected, removed }
}

/** As Go's file server answers a question for a range. */
function part(whole: Buffer, range = '') {
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? []
  if (Number(from) >= whole.length) return { status: 416, body: 'invalid range' }
  return { status: 206, body: whole.subarray(Number(from), Number(to) + 1) }
}

describe('what an agent has collected', () => {
  it('is kept as single files of the node, without credentials and tables of connections', async () => {
    const { closes, evidence, removed, ...rest } = await run(await archive(USUAL))
    expect(files({ closes, evidence, ...rest })).toEqual({
      [`${FOLDER}/kernel/dmesg.current`]: USUAL['kernel/dmesg.current'],
      [`${FOLDER}/kubelet/kubelet.log`]: USUAL['kubelet/kubelet.log'],
      [`${FOLDER}/networking/iprule.txt`]: USUAL['networking/iprule.txt'],
      [`${FOLDER}/var_log/kube-system_coredns-1_u1/coredns/0.log`]: 'F hello\n',
    })
    expect(closes).toEqual([
      {
        type: 'close',
        scope: { node: 'n1' },
        status: 'complete',
        reason: 'tables of connections are kept with --full only',
      },
    ])
    expect(evidence[0]).toMatchObject({
      content: { type: 'log' },
      obtained: { request: `GET https://n1:10250${PATH}`, way: 'direct', status: 206 },
    })
    expect(removed).toEqual(['n1'])
  })

  it('holds tables of connections with --full, told as such', async () => {
    const { evidence } = await run(await archive(USUAL), { settings: { full: true } })
    const table = evidence.find(({ path }) => path.endsWith('conntrack.txt'))
    expect(table?.content).toEqual({ type: 'connections' })
  })

  it.each([{ logs: 'none' as const }, { namespaces: ['shop'] }])(
    'holds no logs of containers that were not asked for: %o',
    async (settings) => {
      const { evidence } = await run(await archive(USUAL), { settings })
      expect(evidence.map(({ path }) => path).filter((path) => path.includes('coredns'))).toEqual([])
      expect(evidence.length).toBeGreaterThan(0)
    },
  )

  it('comes in parts, whatever its size, and of a long log the end is kept', async () => {
    const lines = Array.from(
      { length: 60_000 },
      (_, at) => `${at} ${Math.random()} ${Math.random()} ${Math.random()}\n`,
    )
    const log = `${lines.join('')}end\n`
    const whole = await archive({ 'kubelet/kubelet.log': log.repeat(3), 'storage/inodes.txt': 'full\n' })
    const { evidence, closes, requests } = await run(whole)
    expect(requests.length).toBe(Math.floor(whole.length / (4 * 1024 * 1024)) + 1)
    expect(requests.length).toBeGreaterThan(1)
    const [kept, other] = evidence
    expect(kept?.obtained.truncated).toBe('the last 2 MiB of it are kept')
    expect(log.endsWith(kept?.body.toString() ?? '?')).toBe(true)
    expect(kept?.body.toString()).toMatch(/^\d+ 0\.\d+ /)
    expect(other?.body.toString()).toBe('full\n')
    expect(closes).toMatchObject([{ status: 'complete' }])
  })

  it('is opened where it holds archives and packed logs, and what is no text is left out and named', async () => {
    const inner = await archive({ 'journalctl.log': 'of bottlerocket\n' })
    const { evidence, closes, ...rest } = await run(
      await archive({
        'bottlerocket/logdog/bottlerocket-logs.tar.gz': inner,
        'gpu/nvidia-bug-report.log.gz': gzipSync('a report\n'),
        'var_log/messages': Buffer.from([1, 0, 2]),
        'z/broken.gz': 'no gzip',
      }),
    )
    expect(files({ evidence, closes, ...rest })).toEqual({
      [`${FOLDER}/bottlerocket/logdog/bottlerocket-logs/journalctl.log`]: 'of bottlerocket\n',
      [`${FOLDER}/gpu/nvidia-bug-report.log`]: 'a report\n',
    })
    expect(closes[0]).toMatchObject({
      status: 'complete',
      reason: 'no text, or too long: var_log/messages, z/broken.gz',
    })
  })

  it('loses nothing where a packed log has the name of a plain one', async () => {
    const { evidence, closes } = await run(
      await archive({ 'var_log/messages': 'new\n', 'var_log/messages.gz': gzipSync('old\n') }),
    )
    const [plain, packed] = evidence
    expect([plain?.path, plain?.body.toString()]).toEqual([`${FOLDER}/var_log/messages`, 'new\n'])
    expect([packed?.path, packed?.body.toString()]).toEqual([`${FOLDER}/var_log/messages.gz`, 'old\n'])
    expect(closes).toMatchObject([{ status: 'complete' }])
  })

  it('has no more files because they are in archives of their own', async () => {
    const many = Object.fromEntries(Array.from({ length: 2600 }, (_, at) => [`${at}.txt`, 'x\n']))
    const inner = await archive(many)
    const { evidence, closes } = await run(await archive({ 'a.tar.gz': inner, 'b.tar.gz': inner, 'c.txt': 'x\n' }))
    expect(evidence.length).toBe(5000)
    expect(closes).toMatchObject([
      { status: 'partial', reason: expect.stringContaining('it has more than 5000 files') },
    ])
  })

  it('names some of what is no text, and counts the rest', async () => {
    const binaries = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`bin-${at}`, Buffer.from([0, 1])]))
    const { closes } = await run(await archive({ ...binaries, 'z.txt': 'x\n' }))
    expect(closes[0]?.reason).toMatch(/^no text, or too long: bin-0, (bin-\d+, ){19}and 10 more$/)
  })

  it('that is cut off is kept as far as it came', async () => {
    const whole = await archive({ 'a.txt': 'first\n', 'b.txt': Array.from({ length: 9000 }, Math.random).join('\n') })
    const { evidence, closes } = await run(whole.subarray(0, whole.length - 5000))
    expect(evidence.map(({ path }) => path)).toEqual([`${FOLDER}/a.txt`])
    expect(closes[0]).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/^the rest of the archive is missing: /),
    })
  })

  it.each([
    ['no archive', Buffer.from('<html>')],
    ['no gzip, but its head', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(600, 7)])],
  ])('that is %s is a failure, and no empty evidence', async (_, body) => {
    const { evidence, closes, error } = await run(body)
    expect([evidence, error]).toEqual([[], undefined])
    expect(closes[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining('cannot be read') })
  })

  it('with a path that leads out of it is refused', async () => {
    const folder = await makeFolder()
    await writeFile(join(folder, 'x'), 'x')
    const tar = execFileSync('tar', ['-cz', '-C', folder, '--transform=s,x,../../x,', '-P', 'x'])
    const { evidence, closes } = await run(tar)
    expect(evidence).toEqual([])
    expect(closes[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining('leads out of it') })
  })

  it('never breaks the collector, wherever it is damaged', async () => {
    const whole = await archive(USUAL)
    for (let at = 0; at < whole.length; at += 37) {
      const damaged = Buffer.from(whole)
      damaged.writeUInt8((damaged.readUInt8(at) + 1 + (at % 200)) % 256, at)
      const { error, closes } = await run(at % 2 === 0 ? damaged : whole.subarray(0, at))
      expect(error).toBeUndefined()
      expect(closes).toHaveLength(1)
    }
  })

  it('tells what the agent could not collect', async () => {
    const { closes } = await run(await archive({ 'a.txt': 'x\n' }), { done: { complaint: 'saved with some errors' } })
    expect(closes[0]).toMatchObject({ status: 'complete', reason: 'the agent says: saved with some errors' })
  })
})

describe('an agent that leaves nothing', () => {
  it.each([
    [{ status: 409, reason: 'AlreadyExists', message: 'somebody else has one' }, 'skipped'],
    [{ status: 403, reason: 'Forbidden', message: 'nodediagnostics is forbidden' }, 'denied'],
    [{ status: 0, reason: 'Timeout', message: 'it has not taken the request up' }, 'timed-out'],
    [{ status: 0, reason: 'DiagnosticFailed', message: 'failed to create log file' }, 'failed'],
    [{ status: 404, reason: 'NotFound', message: 'the server could not find it' }, 'unsupported'],
  ])('has a line that says why: %o', async (error, status) => {
    const { closes, removed } = await run(new KubeError(error))
    expect(closes).toEqual([{ type: 'close', scope: { node: 'n1' }, status, reason: error.message }])
    expect(removed).toEqual(['n1'])
  })

  it('is not there where the cluster serves no such objects, and nothing is asked', async () => {
    const { closes, removed, requests } = await run(await archive(USUAL), { served: false })
    expect(closes).toMatchObject([{ status: 'unsupported', reason: expect.stringContaining('is not installed') }])
    expect([removed, requests]).toEqual([[], []])
  })

  it('whose archive the kubelet does not give has a line in the words of the kubelet', async () => {
    const { closes } = await run(await archive(USUAL), {
      kubelet: () => ({ status: 403, body: 'Forbidden (user=jane)' }),
    })
    expect(closes).toMatchObject([{ status: 'denied', reason: `${PATH} answered 403: Forbidden (user=jane)` }])
  })
})
