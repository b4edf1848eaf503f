import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { partialPath } from '../../src/capture/file-sink.ts'
import { openSinks as open } from '../../src/capture/sinks.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sinks-'))
})
afterEach(() => rm(folder, { recursive: true }))

const openSinks = (outputs: readonly string[], name: string, overwrite: boolean) =>
  open(outputs, name, overwrite, new AbortController().signal)

const NAME = 'freezeframe-shop-20260131T235959Z'

it('writes beside the target under a partial name, readable by the owner only, and renames at the end', async () => {
  const sinks = await openSinks([folder], NAME, false)
  await sinks.write(Buffer.from('one'))
  expect(await readdir(folder)).toEqual([`${NAME}.partial.tar.gz`])
  expect((await stat(join(folder, `${NAME}.partial.tar.gz`))).mode & 0o777).toBe(0o600)
  await sinks.write(Buffer.from('two'))
  await sinks.finish()
  expect(await readdir(folder)).toEqual([`${NAME}.tar.gz`])
  expect(await readFile(join(folder, `${NAME}.tar.gz`), 'utf8')).toBe('onetwo')
  expect(sinks.results()).toEqual([{ target: join(folder, `${NAME}.tar.gz`), bytes: 6 }])
})

it('writes the same to every output', async () => {
  const targets = [join(folder, 'a.tar.gz'), join(folder, 'b.tgz')]
  const sinks = await openSinks(targets, NAME, false)
  await sinks.write(Buffer.from('x'))
  await sinks.finish()
  for (const target of targets) expect(await readFile(target, 'utf8')).toBe('x')
})

it('refuses an existing target or an earlier partial file, and leaves nothing of the other outputs', async () => {
  const target = join(folder, 'a.tar.gz')
  await writeFile(target, 'precious')
  await expect(openSinks([join(folder, 'b.tar.gz'), target], NAME, false)).rejects.toMatchObject({
    code: 'OUTPUT_EXISTS',
  })
  expect(await readdir(folder)).toEqual(['a.tar.gz'])
  await writeFile(join(folder, 'c.partial.tar.gz'), 'evidence of a killed run')
  await expect(openSinks([join(folder, 'c.tar.gz')], NAME, false)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  const forced = await openSinks([target], NAME, true)
  await forced.write(Buffer.from('new'))
  await forced.finish()
  expect(await readFile(target, 'utf8')).toBe('new')
})

it('names an output that cannot be written', async () => {
  await expect(openSinks([join(folder, 'no', 'such.tar.gz')], NAME, false)).rejects.toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
    message: expect.stringContaining('the folder does not exist'),
  })
})

it('leaves devices, links and folders alone, --force or not', async () => {
  const bystander = join(folder, 'bystander')
  await writeFile(bystander, 'precious')
  await symlink(bystander, join(folder, 'link.tar.gz'))
  await symlink(bystander, join(folder, 'b.partial.tar.gz'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  await mkdir(join(folder, 'c.partial.tar.gz'))
  for (const target of ['link.tar.gz', 'b.tar.gz', 'pipe', 'c'].map((one) => join(folder, one))) {
    for (const overwrite of [false, true]) {
      await expect(openSinks([target], NAME, overwrite)).rejects.toMatchObject({
        code: 'OUTPUT_UNWRITABLE',
        message: expect.stringContaining('it is a link, a device or a folder, not a file'),
      })
    }
  }
  expect(await readFile(bystander, 'utf8')).toBe('precious')
  expect((await stat(join(folder, 'pipe'))).isFIFO()).toBe(true)
})

it('replaces no file that appeared while it was written, and says where the bundle is', async () => {
  const target = join(folder, 'a.tar.gz')
  const sinks = await openSinks([target], NAME, false)
  await sinks.write(Buffer.from('new'))
  await writeFile(target, 'precious')
  await sinks.finish()
  const partial = join(folder, 'a.partial.tar.gz')
  expect(await readFile(target, 'utf8')).toBe('precious')
  expect(await readFile(partial, 'utf8')).toBe('new')
  expect(sinks.results()).toEqual([{ target: partial, bytes: 3, error: expect.stringContaining(partial) }])
})

it('refuses one file in two spellings, and leaves nothing', async () => {
  await mkdir(join(folder, 'real'))
  await symlink(join(folder, 'real'), join(folder, 'alias'))
  for (const outputs of [
    [join(folder, 'a'), `${folder}/./a`],
    [join(folder, 'real'), `${folder}/alias/`],
    [folder, join(folder, `${NAME}.tar.gz`)],
    ['-', '-'],
  ]) {
    await expect(openSinks(outputs, NAME, true)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  }
  expect((await readdir(folder)).sort()).toEqual(['alias', 'real'])
})

it('discards what was begun', async () => {
  const sinks = await openSinks([folder], NAME, false)
  await sinks.write(Buffer.from('x'))
  await sinks.discard()
  expect(await readdir(folder)).toEqual([])
})

it.each([
  ['b.tar.gz', 'b.partial.tar.gz'],
  ['b.tgz', 'b.partial.tgz'],
  ['b', 'b.partial.tar.gz'],
])('calls %s %s while it is written', (target, partial) => expect(partialPath(target)).toBe(partial))
