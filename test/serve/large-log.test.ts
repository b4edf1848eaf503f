import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveOf, CORE_PODS, discoveryOf, pagesOf, pod } from './make-bundle.ts'
import { TOKEN } from './replay-server.ts'

const GIB = 1024 ** 3
const LOG = 'logs/shop/web/uid-web/app.log'
const FIRST = '2026-01-31T23:00:00.000000001Z the first line\n'
const LAST = Array.from({ length: 5 }, (_, n) => `2026-01-31T23:59:0${n}.000000001Z line ${n}\n`).join('')

/** Serves a bundle and says where; a process of its own, because its memory is what is looked at. */
const SERVER = `
  const [source, token, root] = process.argv.slice(1)
  const { openBundle } = await import(root + 'src/bundle/reader.ts')
  const { openReplay } = await import(root + 'src/serve/replay.ts')
  const { startServer } = await import(root + 'src/serve/server.ts')
  const replay = await openReplay(await openBundle(source))
  const server = await startServer(replay, { address: '127.0.0.1', port: 0, token, certificate: undefined })
  console.log(server.url)
`

let folder: string
let server: ReturnType<typeof spawn>
let url: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-large-'))
  await makeFolderWithLog(join(folder, 'bundle'))
  const root = new URL('../../', import.meta.url).pathname
  server = spawn(process.execPath, ['--input-type=module', '-e', SERVER, join(folder, 'bundle'), TOKEN, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = server.stdout ? await once(server.stdout, 'data') : ['']
  url = `${String(line).trim()}/api/v1/namespaces/shop/pods/web/log?container=app`
})
afterAll(async () => {
  server?.kill()
  await rm(folder, { recursive: true, force: true })
})

/** An unpacked bundle whose one log has more than 2 GiB, almost all of them a hole in the file. */
async function makeFolderWithLog(target: string): Promise<void> {
  const archive = join(folder, 'b.tar.gz')
  const pods = pagesOf('cluster/core/v1/pods/_all', { kind: 'PodList', apiVersion: 'v1' }, [pod('shop', 'web')], 500)
  await writeFile(archive, await archiveOf([...discoveryOf([CORE_PODS]), ...pods, [LOG, FIRST]]))
  await mkdir(target)
  execFileSync('tar', ['xzf', archive, '--strip-components=1', '-C', target])
  const log = await open(join(target, LOG), 'r+')
  await log.write(`\n${LAST}`, 2.25 * GIB)
  await log.close()
}

function ask(query: string): Promise<Response> {
  return fetch(url + query, { headers: { authorization: `Bearer ${TOKEN}` } })
}

/** The most memory that the server ever had, in MiB (proc(5), VmHWM). */
async function peakMemory(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

describe.runIf(process.platform === 'linux')('a log of more than 2 GiB', () => {
  it('ends with its last lines, and its first bytes come at once', async () => {
    expect(await (await ask('&tailLines=2&timestamps=true')).text()).toBe(LAST.split('\n').slice(-3).join('\n'))
    expect(await (await ask('&limitBytes=9')).text()).toBe('the first')
  })

  it('is given out piece by piece to somebody who leaves after some of it', async () => {
    const reader = (await ask('&timestamps=true')).body?.getReader()
    let bytes = 0
    while (bytes < 300 * 1024 * 1024) bytes += (await reader?.read())?.value?.length ?? Number.POSITIVE_INFINITY
    await reader?.cancel()
    expect(bytes).toBeLessThan(GIB)
    expect((await ask('&limitBytes=9')).status).toBe(200)
  })

  it('never entered memory', async () => {
    expect(await peakMemory()).toBeLessThan(250)
  })
})
