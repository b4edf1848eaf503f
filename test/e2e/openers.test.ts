import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { verifyBundle } from '../../src/bundle/verify.ts'
import { likeLogs, makeBundle, TOP } from '../bundle/sample.ts'

/** Every tool that people open a bundle with sees the same files, with the same hashes, as the manifest names. No cluster is used. */

const FILES: [string, Buffer][] = [
  ['cluster/rbac.authorization.k8s.io/v1/clusterroles/_all/0001.json', likeLogs(3_000)],
  ['logs/till/system:node:tree-1/0b6f1f52/app.log', Buffer.from('colons\n')],
  [
    `logs/${'n'.repeat(63)}/${'p'.repeat(253)}/0b6f1f52-6d3c-4be3-9a3e-51d2e6f4a9c1/app.previous.log`,
    Buffer.from('long'),
  ],
  ['logs/kasse/größe-日本語/app.log', Buffer.from('größer\n')],
  ['logs/till/empty.log', Buffer.alloc(0)],
  ['apiserver/metrics.txt', likeLogs(5 * 1024 * 1024)],
  ['run/requests.json', Buffer.from('[]\n')],
]

let folder: string
let bundle: string
/** `<sha256>  <path>` of every file, ordered by path; the index, which the manifest cannot name, is known by name only. */
let expected: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openers-'))
  bundle = join(folder, `${TOP}.tar.gz`)
  await writeFile(bundle, await makeBundle(FILES))
  const reader = await openBundle(bundle)
  const manifest = hashOf(await reader.read('manifest.json'))
  await reader.close()
  const named = reader.manifest.files.map((file) => `${file.sha256}  ${file.path}`)
  expected = [...named, `${manifest}  manifest.json`].sort()
  expect(expected).toHaveLength(FILES.length + 2)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Commands that unpack the bundle into the current folder, and ones that list it. */
const TARS: [string, string[], string[]][] = [
  ['GNU tar', ['tar', 'xzf'], ['tar', 'tzf']],
  ['busybox tar', ['busybox', 'tar', 'xzf'], ['busybox', 'tar', 'tzf']],
  ['bsdtar', ['bsdtar', 'xzf'], ['bsdtar', 'tzf']],
]

for (const [name, extract, list] of TARS) {
  it(`${name} lists and unpacks it`, async () => {
    const target = await mkdtemp(join(folder, 'out-'))
    run(target, ...extract, bundle)
    expect(await hashesIn(join(target, TOP))).toEqual(expected)
    expect(await readdir(target)).toEqual([TOP])
    // The C locale would print what is not ASCII as escapes.
    const listed = run(target, ...list, bundle)
      .toString()
      .trimEnd()
      .split('\n')
    expect(listed[0]).toBe(`${TOP}/README.txt`)
    expect(listed.slice(-2)).toEqual([`${TOP}/manifest.json`, `${TOP}/index.bin`])
    expect(listed).toHaveLength(expected.length + 1)
  })

  it(`${name} packs it again, and it is still the same bundle`, async () => {
    const target = await mkdtemp(join(folder, 'again-'))
    const again = join(target, 'again.tgz')
    run(target, ...extract, bundle)
    run(target, ...extract.slice(0, -1), 'czf', again, TOP)
    expect(await verifyBundle(again)).toMatchObject({ status: 'intact', problems: [] })
  })
}

it('gzip -t and sha256sum find nothing wrong', async () => {
  expect(run(folder, 'gzip', '-t', bundle).toString()).toBe('')
  const target = await mkdtemp(join(folder, 'sum-'))
  run(target, 'tar', 'xzf', bundle)
  await writeFile(join(target, 'sums'), `${expected.join('\n')}\n`)
  run(join(target, TOP), 'sha256sum', '--check', '--quiet', '--strict', '../sums')
})

const PYTHON = `
import hashlib, sys, tarfile
with tarfile.open(sys.argv[1], sys.argv[2]) as tar:
    for member in tar:
        assert member.isreg(), member.name
        print(hashlib.sha256(tar.extractfile(member).read()).hexdigest() + '  ' + member.name.split('/', 1)[1])
`

for (const mode of ['r:gz', 'r|gz']) {
  it(`Python's tarfile reads it in mode ${mode}`, () => {
    const printed = run(folder, 'python3', '-c', PYTHON, bundle, mode).toString('utf8')
    expect(withoutIndex(printed.trimEnd().split('\n'))).toEqual(expected)
  })
}

it("Node's DecompressionStream reads it, and bsdtar what comes out", async () => {
  const packed = new Blob([new Uint8Array(await readFile(bundle))]).stream()
  const plain = await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
  const target = await mkdtemp(join(folder, 'node-'))
  await writeFile(join(target, 'plain.tar'), new Uint8Array(plain))
  run(target, 'bsdtar', 'xf', 'plain.tar')
  expect(await hashesIn(join(target, TOP))).toEqual(expected)
})

/** A tar reader of a dozen lines, as a web page would have it: ustar names, prefixes and pax paths. */
const PAGE = `<!doctype html><meta charset="utf-8"><pre id="out">waiting</pre><script type="module">
const stream = (await fetch('bundle')).body.pipeThrough(new DecompressionStream('gzip'))
const tar = new Uint8Array(await new Response(stream).arrayBuffer())
const text = (from, to) => new TextDecoder().decode(tar.subarray(from, to)).replace(/\\0.*$/s, '')
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const lines = []
let long
for (let at = 0; tar[at] !== 0; ) {
  const size = parseInt(text(at + 124, at + 136), 8), type = text(at + 156, at + 157), body = at + 512
  const prefix = text(at + 345, at + 500), name = long ?? (prefix ? prefix + '/' : '') + text(at, at + 100)
  if (type === 'x') long = /\\d+ path=(.*)\\n/.exec(text(body, body + size))?.[1]
  else {
    lines.push(hex(await crypto.subtle.digest('SHA-256', tar.subarray(body, body + size))) + '  ' + name.slice(name.indexOf('/') + 1))
    long = undefined
  }
  at = body + Math.ceil(size / 512) * 512
}
document.getElementById('out').textContent = lines.join('\\n')
await fetch('done', { method: 'POST', body: lines.join('\\n') })
</script>`

it("the browser's DecompressionStream reads it, in Chromium", async () => {
  const posted = Promise.withResolvers<string>()
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') posted.resolve(Buffer.concat(await request.toArray()).toString('utf8'))
    if (request.url === '/') response.setHeader('Content-Type', 'text/html')
    response.end(request.url === '/bundle' ? await readFile(bundle) : request.url === '/' ? PAGE : '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const profile = await mkdtemp(join(folder, 'profile-'))
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run']
  const browser = spawn('chromium', [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  browser.stderr.on('data', (data) => {
    complaints += data
  })
  const left = once(browser, 'exit').then(() => Promise.reject(new Error(`chromium ended first: ${complaints}`)))
  try {
    const lines = await Promise.race([posted.promise, left])
    expect(withoutIndex(lines.split('\n'))).toEqual(expected)
  } finally {
    if (browser.kill()) await left.catch(() => {})
    server.closeAllConnections()
    server.close()
  }
})

/** Runs a command in a folder, with UTF-8 names; its failure is the test's. */
function run(cwd: string, command = '', ...args: string[]): Buffer {
  return execFileSync(command, args, {
    cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function hashesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const lines = files.map(async (path) => `${hashOf(await readFile(path))}  ${path.slice(root.length + 1)}`)
  return withoutIndex(await Promise.all(lines))
}

function withoutIndex(lines: readonly string[]): string[] {
  const others = lines.filter((line) => !line.endsWith('  index.bin'))
  expect(others).toHaveLength(lines.length - 1)
  return others.sort()
}

function hashOf(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
