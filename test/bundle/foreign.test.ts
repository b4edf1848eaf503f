import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, readlink, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openStream } from '../../src/bundle/archive.ts'
import { openBundle } from '../../src/bundle/reader.ts'
import { verifyBundle } from '../../src/bundle/verify.ts'
import { runCli } from '../cli/run.ts'
import { likeLogs, makeBundle, makeFolder, saveBundle, TOP } from './sample.ts'

const FILES: [string, Buffer][] = [
  ['cluster/core/v1/pods/_all/0001.json', likeLogs(3_000)],
  [`logs/${'n'.repeat(63)}/${'p'.repeat(253)}/0b6f1f52/app.previous.log`, Buffer.from('long')],
  ['logs/kasse/Ünïcode-🔥/app.log', Buffer.from('größer\n')],
  [`cluster/discovery/apis/${'g'.repeat(90)}/${'v'.repeat(63)}.json`, Buffer.from('{}')],
  ['logs/till/empty.log', Buffer.alloc(0)],
  ['apiserver/metrics.txt', likeLogs(1_300_000)],
]

const UNPACK = 'mkdir out && tar xzf b.tar.gz -C out'

/** The same bundle in every form that people give it: how it is made of b.tar.gz, and its path. */
const FORMS: [string, string, string][] = [
  ['a plain tar', 'gzip -dc b.tar.gz > b.tar', 'b.tar'],
  ['a folder', UNPACK, `out/${TOP}`],
  ['the folder around the top directory', UNPACK, 'out'],
  ['a tar.gz of the folder', `${UNPACK} && tar czf c.tgz -C out ${TOP}`, 'c.tgz'],
  ['a tar.gz of the folder as ./', `${UNPACK} && tar czf c.tgz -C out ./${TOP}`, 'c.tgz'],
  ['a tar.gz without a top directory', `${UNPACK} && tar czf c.tgz -C out/${TOP} .`, 'c.tgz'],
  [
    'a tar.gz with another top directory',
    `${UNPACK} && mv out/${TOP} out/case-7 && tar czf c.tgz -C out case-7`,
    'c.tgz',
  ],
  ['a tar.gz in pax format', `${UNPACK} && tar --format=pax -czf c.tgz -C out ${TOP}`, 'c.tgz'],
  [
    'a tar.gz of two gzip members',
    'gzip -dc b.tar.gz > b.tar && (head -c 99999 b.tar | gzip; tail -c +100000 b.tar | gzip) > c.tgz',
    'c.tgz',
  ],
]

for (const [name, script, result] of FORMS) {
  it(`reads ${name}, and leaves no temporary file`, async () => {
    const folder = await makeFolder()
    const tmpDir = await makeFolder()
    await writeFile(join(folder, 'b.tar.gz'), await makeBundle(FILES))
    execFileSync('sh', ['-c', script], { cwd: folder })
    const source = join(folder, result)
    const bundle = await openBundle(source, { tmpDir })
    for (const [path, body] of FILES) expect((await bundle.read(path)).equals(body), path).toBe(true)
    expect(bundle.truncated).toBeUndefined()
    expect(bundle.warnings).toEqual([])
    await bundle.close()
    expect(await readdir(tmpDir)).toEqual([])
    expect(await verifyBundle(source, { tmpDir })).toMatchObject({ status: 'intact', files: FILES.length + 1 })
    expect(await readdir(tmpDir)).toEqual([])
  })
}

it('unpacks into one file without a name that only the user may read', async () => {
  const source = await saveBundle(gzipSync(gunzipSync(await makeBundle(FILES))))
  const tmpDir = await makeFolder()
  const before = await openFiles(tmpDir)
  expect(before).toEqual([])
  const bundle = await openBundle(source, { tmpDir })
  const [spooled, ...more] = await openFiles(tmpDir)
  expect(more).toEqual([])
  expect(spooled?.name).toMatch(/ \(deleted\)$/)
  expect(spooled?.mode.toString(8)).toBe('600')
  expect(await readdir(tmpDir)).toEqual([])
  await bundle.close()
  expect(await openFiles(tmpDir)).toEqual([])
})

it('keeps nothing open and nothing on disk of what it refuses', async () => {
  const tmpDir = await makeFolder()
  const source = await saveBundle(gzipSync('no tar'))
  await expect(openBundle(source, { tmpDir })).rejects.toThrow()
  expect(await openFiles(tmpDir)).toEqual([])
  expect(await openFiles(dirname(source))).toEqual([])
})

it('names the folder where it could not unpack', async () => {
  const source = await saveBundle(gzipSync(gunzipSync(await makeBundle(FILES))))
  await expect(openBundle(source, { tmpDir: '/nonexistent' })).rejects.toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
    message: 'Cannot make a temporary file in /nonexistent.',
    remedy: 'Choose another folder with --tmp-dir.',
  })
})

it('says in a sentence that there is no room to unpack', async () => {
  const source = await saveBundle(gzipSync(gunzipSync(await makeBundle(FILES))))
  const tmpDir = await makeFolder()
  // A limit of 1 MiB for one file stands for a full disk: the kernel refuses the write either way.
  const program = new URL('../../bin/freezeframe.js', import.meta.url).pathname
  const limited = ['-c', 'ulimit -f 1024 && exec "$@"', '-', process.execPath, program]
  const child = spawn('bash', [...limited, 'verify', '--tmp-dir', tmpDir, source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const [code] = await once(child, 'close')
  expect(stderr).toBe(`error: ${tmpDir} has no room to unpack the bundle.\nChoose another folder with --tmp-dir.\n`)
  expect(code).toBe(2)
  expect(await readdir(tmpDir)).toEqual([])
})

it('reads a bundle from standard input and from a pipe', async () => {
  const source = await saveBundle(await makeBundle(FILES))
  const program = new URL('../../bin/freezeframe.js', import.meta.url).pathname
  const verify = (shell: string) =>
    execFileSync('bash', ['-c', shell, '-', process.execPath, program, source]).toString()
  expect(verify('"$1" "$2" verify - < "$3"')).toMatch(/^Intact: 7 files/)
  expect(verify('"$1" "$2" verify <(cat "$3")')).toMatch(/^Intact: 7 files/)
})

it('finds what is missing from a folder, what was changed, and what was put there', async () => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'b.tar.gz'), await makeBundle(FILES))
  execFileSync('sh', ['-c', UNPACK], { cwd: folder })
  const root = join(folder, 'out', TOP)
  await rename(join(root, 'cluster/core/v1/pods/_all/0001.json'), join(root, 'cluster/core/v1/pods/_all/0002.json'))
  await writeFile(join(root, 'logs/till/empty.log'), 'not empty')
  const metrics = await readFile(join(root, 'apiserver/metrics.txt'))
  await writeFile(join(root, 'apiserver/metrics.txt'), metrics.fill('0', 100, 200))
  const seen = await runCli(['verify', '--format', 'json', root])
  expect(seen.code).toBe(1)
  expect(JSON.parse(seen.stdout.toString()).problems).toEqual([
    'cluster/core/v1/pods/_all/0002.json is not in the manifest.',
    'cluster/core/v1/pods/_all/0001.json is missing.',
    'logs/till/empty.log has 9 bytes; the manifest says 0.',
    "apiserver/metrics.txt was changed: its hash is not the manifest's.",
  ])
})

/** Files below a folder that this process has open, as Linux tells. */
async function openFiles(folder: string): Promise<{ name: string; mode: number }[]> {
  const found: { name: string; mode: number }[] = []
  for (const descriptor of await readdir('/proc/self/fd')) {
    const name = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '')
    if (name.startsWith(folder)) found.push({ name, mode: (await stat(`/proc/self/fd/${descriptor}`)).mode & 0o777 })
  }
  return found
}

it('reads a bundle whose pipe gives out its first byte alone', async () => {
  const bytes = await makeBundle([['a.log', 'as captured']])
  async function* dribble() {
    yield bytes.subarray(0, 1)
    yield bytes.subarray(1)
  }
  const files = await openStream('a pipe', dribble(), undefined)
  expect((await files.read('a.log', 0, 11)).toString()).toBe('as captured')
  await files.close()
})

it('leaves aside a file of a folder whose name is no UTF-8, and says so', async () => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'README.txt'), 'This is a freezeframe bundle: x')
  await writeFile(Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.from([0xff])]), 'x')
  const bundle = await openBundle(folder)
  expect(bundle.warnings).toEqual([expect.stringContaining('no UTF-8')])
  await bundle.close()
})
