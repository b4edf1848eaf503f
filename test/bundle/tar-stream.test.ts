import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTarStream } from '../../src/bundle/tar-stream.ts'
import { makeFolder } from '../sources/kube/server.ts'

const LIMITS = { files: 100, bytes: 1_000_000 }

/** A tar of these files, as tar(1) writes it. */
async function tarOf(files: Readonly<Record<string, string>>, ...options: string[]): Promise<Buffer> {
  const folder = await makeFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return execFileSync('tar', ['-c', '-C', folder, ...options, '.'])
}

async function* pieces(whole: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size)
}

async function read(tar: Buffer, { limits = LIMITS, size = 700 } = {}) {
  const files: Record<string, string> = {}
  const entries = readTarStream(pieces(tar, size), limits)
  for (;;) {
    const { done, value } = await entries.next()
    if (done) return { files, why: value }
    files[value.path] = value.body.toString()
  }
}

describe('a tar that is read as it comes', () => {
  it('gives its files whole, however it is cut into pieces', async () => {
    const expected = { 'a/b.txt': 'x'.repeat(5000), 'empty.txt': '', 'exact.txt': 'y'.repeat(512) }
    const tar = await tarOf(expected)
    for (const size of [1, 511, 512, 100_000]) {
      expect(await read(tar, { size })).toEqual({ files: expected, why: undefined })
    }
  })

  it('that is cut off gives what came, and says so', async () => {
    const tar = await tarOf({ 'a.txt': 'a', 'b.txt': 'b'.repeat(2000) }, '--sort=name')
    const { files, why } = await read(tar.subarray(0, 3 * 512 + 512 + 700))
    expect(files).toEqual({ 'a.txt': 'a' })
    expect(why).toBe('it is cut off inside ./b.txt')
    expect((await read(tar.subarray(0, 3 * 512))).why).toMatch(/^it is cut off after/)
  })

  it('takes no more than it was told to', async () => {
    const tar = await tarOf({ 'a.txt': 'a'.repeat(600), 'b.txt': 'b'.repeat(600) })
    expect((await read(tar, { limits: { files: 100, bytes: 1000 } })).why).toBe('it has more than 1000 bytes')
    expect((await read(tar, { limits: { files: 2, bytes: 10_000 } })).why).toBe('it has more than 2 files')
  })

  it('keeps the end of what is too long, and no byte of the rest', async () => {
    const tar = await tarOf({ 'a.log': `${'a'.repeat(600)}end`, 'b.txt': 'b'.repeat(600) }, '--sort=name')
    const limits = { files: 10, bytes: 1000, tail: (path: string) => (path.endsWith('.log') ? 5 : 900) }
    for (const size of [1, 512, 10_000])
      expect(await read(tar, { limits, size })).toEqual({
        files: { 'a.log': 'aaend', 'b.txt': 'b'.repeat(600) },
        why: undefined,
      })
  })

  it.each(['pax', 'gnu'])('knows names that no header of a file can hold, in the format %s', async (format) => {
    const path = `${'long-'.repeat(30)}/${'name-'.repeat(30)}/0.log`
    const { files } = await read(await tarOf({ [path]: 'x', 'short.txt': 'y' }, `--format=${format}`))
    expect(files).toEqual({ [path]: 'x', 'short.txt': 'y' })
  })

  it('refuses a path that leads out, and passes over what is no file', async () => {
    const folder = await makeFolder()
    await writeFile(join(folder, 'x'), 'x')
    const outside = execFileSync('tar', ['-c', '-C', folder, '--transform=s,x,../x,', '-P', 'x'])
    await expect(read(outside)).rejects.toThrow('leads out of it')
    execFileSync('ln', ['-s', '/etc/passwd', join(folder, 'link')])
    expect((await read(execFileSync('tar', ['-c', '-C', folder, 'link', 'x']))).files).toEqual({ x: 'x' })
  })

  it('of noise ends, whatever it says', async () => {
    const tar = await tarOf({ 'a.txt': 'a'.repeat(600) })
    for (let at = 0; at < 200; at++) {
      const broken = Buffer.from(tar)
      broken[(at * 977) % broken.length] = (at * 31) & 0xff
      await read(broken).catch((error: Error) => expect(error.message).toContain('leads out'))
    }
  })
})
