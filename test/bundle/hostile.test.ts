import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { verifyBundle } from '../../src/bundle/verify.ts'
import { runCli } from '../cli/run.ts'
import { makeTar, type TarEntry } from './foreign-tar.ts'
import { forgeIndex, type StoredIndex } from './forge.ts'
import { HEAD, hashOf, likeLogs, makeBundle, makeFolder, saveBundle, TOP } from './sample.ts'

describe('an entry that leads out of the bundle', () => {
  const PATHS = [
    `${TOP}/../../evil`,
    '../evil',
    '/etc/evil',
    `${TOP}/logs/..`,
    `${TOP}\\..\\evil`,
    './',
    `${TOP}/a/./../../../evil`,
  ]
  for (const path of PATHS) {
    it(`${path}: nothing of the bundle is opened, nothing is written`, async () => {
      const source = await saveBundle(gzipSync(makeTar([...bundleEntries(), { path, body: 'evil' }])))
      await expect(openBundle(source)).rejects.toMatchObject({
        name: 'FreezeframeError',
        code: 'BUNDLE_UNSAFE',
        remedy: expect.any(String),
      })
      expect(existsSync(join(dirname(source), 'evil'))).toBe(false)
    })
  }

  it('is refused in an extended header, too', async () => {
    const record = ' path=../../evil\n'
    const pax = { path: 'PaxHeader', type: 'x', body: `${record.length + 2}${record}` }
    const long = { path: '././@LongLink', type: 'L', body: '../../evil\0' }
    for (const extension of [pax, long]) {
      const source = await saveBundle(makeTar([...bundleEntries(), extension, { path: 'a', body: 'x' }]), 'a.tar')
      await expect(openBundle(source)).rejects.toMatchObject({ code: 'BUNDLE_UNSAFE' })
    }
  })

  it('is refused in the index of one of our own bundles', async () => {
    const bytes = await makeBundle([['logs/a.log', 'x']])
    const forged = forgeIndex(bytes, (index) => ({ ...index, files: [...index.files, ['../../evil', 0, 5]] }))
    await expect(openBundle(await saveBundle(forged))).rejects.toMatchObject({ code: 'BUNDLE_UNSAFE' })
  })
})

describe('links, devices and pipes', () => {
  it('are named, and neither followed nor made', async () => {
    const odd: TarEntry[] = [
      { path: `${TOP}/hard`, type: '1', link: '/etc/passwd' },
      { path: `${TOP}/soft`, type: '2', link: '/etc/passwd' },
      { path: `${TOP}/char`, type: '3' },
      { path: `${TOP}/block`, type: '4' },
      { path: `${TOP}/pipe`, type: '6' },
    ]
    const bundle = await openBundle(await saveBundle(gzipSync(makeTar([...odd, ...bundleEntries()]))))
    expect(bundle.warnings).toEqual(odd.map(({ path }) => `${path} is a link or a device and was ignored`))
    expect([...bundle.files.keys()]).toEqual(['README.txt', 'logs/a.log', 'manifest.json'])
    await expect(bundle.read('soft')).rejects.toMatchObject({ code: 'ENTRY_MISSING' })
    await bundle.close()
  })

  it('are not followed in a folder, and the file that one stands for is missing', async () => {
    const folder = await unpacked()
    await symlink('/etc', join(folder, 'etc'))
    await symlink('/etc/passwd', join(folder, 'passwd'))
    const bundle = await openBundle(folder)
    expect(bundle.warnings).toEqual([
      'etc is a link or a device and was ignored',
      'passwd is a link or a device and was ignored',
    ])
    expect([...bundle.files.keys()].filter((path) => /etc|passwd/.test(path))).toEqual([])
    await bundle.close()
  })
})

describe('an archive that lies', () => {
  it('has the first of two entries of one name count, and says so', async () => {
    const source = await saveBundle(
      gzipSync(makeTar([...bundleEntries(), { path: `${TOP}/logs/a.log`, body: 'forged' }])),
    )
    const bundle = await openBundle(source)
    expect((await bundle.read('logs/a.log')).toString()).toBe('as captured')
    expect(bundle.warnings).toEqual(['logs/a.log is there twice; the first counts'])
    await bundle.close()
    expect(await verifyBundle(source)).toMatchObject({
      status: 'damaged',
      problems: ['logs/a.log is there twice; the first counts.'],
    })
  })

  it('leaves aside what stands beside the top directory', async () => {
    const source = await saveBundle(makeTar([...bundleEntries(), { path: 'other/file', body: 'x' }]), 'beside.tar')
    const bundle = await openBundle(source)
    expect(bundle.files.has('manifest.json')).toBe(true)
    expect(bundle.warnings).toEqual([`other/file lies outside of ${TOP}/ and was ignored`])
    await bundle.close()
  })

  const SIZES: [string, TarEntry['size']][] = [
    ['8 GiB', 0o77777777777],
    ['2^95 in base 256', Buffer.from([0x80, ...Array(3).fill(0), ...Array(8).fill(0xff)])],
    ['a negative one in base 256', Buffer.alloc(12, 0xff)],
    ['words', Buffer.from('a few bytes\0')],
    ['a negative one in digits', Buffer.from('-0000001000\0')],
  ]
  for (const [name, size] of SIZES) {
    it(`has a size of ${name} end the archive there`, async () => {
      const entries = [...bundleEntries(), { path: `${TOP}/b.log`, body: 'b', size: size ?? 0 }]
      for (const bytes of [makeTar(entries), gzipSync(makeTar(entries))]) {
        const bundle = await openBundle(await saveBundle(bytes, 'sizes'))
        expect(bundle.truncated).toMatch(/^it is (cut off inside .*b\.log|damaged after 3 files)$/)
        expect((await bundle.read('logs/a.log')).toString()).toBe('as captured')
        await bundle.close()
      }
    })
  }

  it('has a size in an extended header end the archive there, be it negative or no number', async () => {
    for (const value of ['-1024', 'NaN', '1e400', '99999999999999999999']) {
      const record = ` size=${value}\n`
      const pax = { path: 'PaxHeader', type: 'x', body: `${record.length + 2}${record}` }
      const entries = [...bundleEntries(), pax, { path: `${TOP}/b.log`, body: 'b' }]
      const bundle = await openBundle(await saveBundle(makeTar(entries), 'pax.tar'))
      expect(bundle.truncated, value).toEqual(expect.any(String))
      await bundle.close()
    }
  })

  it('ends at a record of an extended header that does not count itself', async () => {
    // Reading on would never end, or take the square of its length: the test would end by its own timeout.
    for (const body of [
      '1e-300 path=a\n',
      `${'0'.repeat(200_000)}1 path=a\n`,
      '999999 path=a\n',
      ' path=a\n',
      '0 path=a\n',
    ]) {
      const entries = [...bundleEntries(), { path: 'PaxHeader', type: 'x', body }, { path: `${TOP}/b.log`, body: 'b' }]
      const bundle = await openBundle(await saveBundle(makeTar(entries), 'pax.tar'))
      expect((await bundle.read('b.log')).toString()).toBe('b')
      await bundle.close()
    }
  })

  it('has a million links named by a hundred warnings', async () => {
    const links = Array.from({ length: 300 }, (_, n) => ({ path: `${TOP}/l${n}`, type: '2', link: '/etc/passwd' }))
    const bundle = await openBundle(await saveBundle(makeTar([...bundleEntries(), ...links]), 'links.tar'))
    expect(bundle.warnings).toHaveLength(101)
    expect(bundle.warnings.at(-1)).toBe('and 200 more like these')
    await bundle.close()
  })

  it('is refused where its manifest unpacks to far more than the whole', async () => {
    const manifest = Buffer.concat([Buffer.from('['), Buffer.alloc(20 * 1024 * 1024, '[]')])
    const source = await saveBundle(gzipSync(makeTar([{ path: `${TOP}/manifest.json`, body: manifest }])))
    await expect(openBundle(source)).rejects.toMatchObject({ code: 'BUNDLE_UNSAFE' })
  })

  it('is no bundle when an extended header is larger than any path', async () => {
    const pax = { path: 'PaxHeader', type: 'x', body: Buffer.alloc(2 * 1024 * 1024, 'x') }
    await expect(openBundle(await saveBundle(makeTar([pax]), 'pax.tar'))).rejects.toMatchObject({
      code: 'BUNDLE_UNSAFE',
      remedy: expect.any(String),
    })
  })
})

describe('an index that lies', () => {
  it('does not, when it is put there as it was', async () => {
    const bytes = forgeIndex(await makeBundle([['logs/a.log', 'as captured']]), (index) => index)
    expect(await verifyBundle(await saveBundle(bytes))).toMatchObject({ status: 'intact', problems: [] })
  })

  const LIES: [string, (index: StoredIndex) => unknown][] = [
    ['text for numbers', (index) => ({ ...index, chunks: [['a', 'b']] })],
    ['a chunk of 1 TiB', (index) => ({ ...index, plainLength: 2 ** 40 })],
    [
      'chunks that run backwards',
      (index) => ({
        ...index,
        chunks: [
          [0, 10],
          [-5, -5],
        ],
      }),
    ],
    ['chunks beyond the file', (index) => ({ ...index, packedLength: index.packedLength + 10 ** 9 })],
    ['a file beyond the archive', (index) => ({ ...index, files: [['a', 10 ** 12, 5], ...index.files.slice(1)] })],
    ['a file before the archive', (index) => ({ ...index, files: [['a', -5, 5], ...index.files.slice(1)] })],
    ['a path that is no text', (index) => ({ ...index, files: [[{}, 0, 5], ...index.files.slice(1)] })],
    ['no files', (index) => ({ ...index, files: [] })],
    ['null', () => null],
  ]
  for (const [name, lie] of LIES) {
    it(`${name}: is not believed`, async () => {
      const bytes = await makeBundle([['logs/a.log', 'as captured']])
      const found = await verifyBundle(await saveBundle(forgeIndex(bytes, lie)))
      expect(found.files).toBe(2)
      if (found.status === 'damaged') expect(found.problems.join()).toMatch(/differ|missing|unpacks/)
    })
  }
})

describe('what unpacks to far more than it is', () => {
  it('is not read to its end when it is no tar', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const source = await saveBundle(bomb)
    const bundle = openBundle(source)
    await expect(bundle).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: `${source} is not a tar archive.` })
  })

  it('is refused by a chunk that is larger than any of ours', async () => {
    const bytes = await makeBundle([['logs/a.log', likeLogs(1000)]])
    const bomb = forgeIndex(
      bytes,
      (index) => index,
      deflateRawSync(Buffer.alloc(32 * 1024 * 1024), { finishFlush: constants.Z_SYNC_FLUSH }),
    )
    const error = await openBundle(await saveBundle(bomb)).then(readEverything, (error) => error)
    expect(error).toMatchObject({ name: 'FreezeframeError' })
  })
})

describe('what is no bundle', () => {
  const THINGS: [string, () => Buffer][] = [
    ['random bytes', () => randomBytes(5_000)],
    ['a few random bytes', () => randomBytes(100)],
    ['a text', () => Buffer.from('apiVersion: v1\n'.repeat(100))],
    ['an empty file', () => Buffer.alloc(0)],
    ['zeros', () => Buffer.alloc(10_240)],
    ['gzip of random bytes', () => gzipSync(randomBytes(5_000))],
    ['gzip of a text', () => gzipSync('hello')],
    ['gzip of nothing', () => gzipSync('')],
    ['the first two bytes of gzip', () => Buffer.from([0x1f, 0x8b])],
    ['random bytes after those', () => Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), randomBytes(5_000)])],
    ['a tar of something else', () => makeTar([{ path: 'src/main.c', body: 'int main;' }])],
    ['a tar.gz of something else', () => gzipSync(makeTar([{ path: 'dump/nodes.json', body: '{}' }]))],
    ['a tar.gz with the manifest of something else', () => gzipSync(makeTar([{ path: 'manifest.json', body: '[]' }]))],
    ['a tar.gz with a manifest that is no JSON', () => gzipSync(makeTar([{ path: 'x/manifest.json', body: 'a: b' }]))],
    [
      'a manifest that says nothing but our format',
      () => makeTar([{ path: 'manifest.json', body: `{"format":${JSON.stringify(HEAD.format)}}` }]),
    ],
    ['a tar of links only', () => makeTar([{ path: 'a', type: '2', link: '/etc/passwd' }])],
  ]
  for (const [name, bytes] of THINGS) {
    it(`${name}: verify exits 2 with one sentence and a remedy`, async () => {
      const source = await saveBundle(bytes(), 'thing')
      await expect(openBundle(source)).rejects.toMatchObject({
        name: 'FreezeframeError',
        code: expect.stringMatching(/^BUNDLE_(INVALID|TRUNCATED)$/),
        message: expect.stringMatching(/^[^\n]+\.$/),
        remedy: expect.any(String),
      })
    })
  }

  it('makes verify exit 2 with that sentence on stderr and nothing on stdout', async () => {
    const source = await saveBundle(randomBytes(5_000), 'noise')
    const seen = await runCli(['verify', source])
    expect(seen.code).toBe(2)
    expect(seen.stdout.toString()).toBe('')
    expect(seen.stderr).toBe(
      `error: ${source} is not a tar archive.\nGive a bundle that freezeframe wrote: a .tar.gz, .tar or a folder.\n`,
    )
  })

  it('is a folder without our files, which is not even walked', async () => {
    const folder = await makeFolder()
    await mkdir(join(folder, 'a', 'b'), { recursive: true })
    await writeFile(join(folder, 'a', 'b', 'manifest.json'), '{}')
    await expect(openBundle(folder)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', remedy: expect.any(String) })
  })

  it('is refused at its beginning: a device without an end, and the root of the file system', async () => {
    await expect(openBundle('/dev/zero')).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
    await expect(openBundle('/')).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
  })

  it('is a path where there is none', async () => {
    const source = join(await makeFolder(), 'none.tar.gz')
    await expect(openBundle(source)).rejects.toMatchObject({
      code: 'BUNDLE_MISSING',
      message: `There is no bundle ${source}.`,
      remedy: expect.any(String),
    })
  })
})

/** README, one log, and the manifest that names them, as another tool would pack them. */
function bundleEntries(): TarEntry[] {
  const readme = 'This is a freezeframe bundle: hello'
  const named = (path: string, body: string) => ({
    path,
    bytes: body.length,
    sha256: hashOf(body),
    obtained: { request: 'local', at: '2026-01-31T23:59:01.000Z' },
  })
  const files = [named('README.txt', readme), named('logs/a.log', 'as captured')]
  const root = hashOf(files.map((file) => `${file.sha256}  ${file.path}\n`).join(''))
  return [
    { path: `${TOP}/README.txt`, body: readme },
    { path: `${TOP}/logs/a.log`, body: 'as captured' },
    { path: `${TOP}/manifest.json`, body: JSON.stringify({ ...HEAD, files, root }) },
  ]
}

async function unpacked(): Promise<string> {
  const folder = await makeFolder()
  for (const { path, body } of bundleEntries()) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), body ?? '')
  }
  return join(folder, TOP)
}

async function readEverything(bundle: BundleReader): Promise<unknown> {
  try {
    for (const path of bundle.files.keys()) await bundle.read(path)
    return undefined
  } catch (error) {
    return error
  } finally {
    await bundle.close()
  }
}
