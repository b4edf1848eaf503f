import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { readArchive } from '../../../src/sources/node/diagnostic/read-archive.ts'
import { makeFolder } from '../kube/server.ts'

const MIB = 1024 * 1024

/** Reads an archive of these files, which may unpack to so many bytes altogether. */
async function read(given: Readonly<Record<string, Buffer>>, most: number) {
  const folder = await makeFolder()
  for (const [path, body] of Object.entries(given)) await writeFile(join(folder, path), body)
  const tar = execFileSync('tar', ['-cz', '--sort=name', '-C', folder, ...Object.keys(given)])
  const texts = readArchive(one(tar), () => true, most)
  const paths: string[] = []
  for (;;) {
    const { done, value } = await texts.next()
    if (done) return { paths, ...value }
    paths.push(value.path)
  }
}

async function* one(body: Buffer): AsyncGenerator<Buffer> {
  yield body
}

it.each(['log.gz', 'tar.gz'])('what is packed inside of an archive counts altogether: %s', async (ending) => {
  const bomb = gzipSync(Buffer.alloc(8 * MIB, 'x'.repeat(511).concat('\n')))
  const names = Array.from({ length: 9 }, (_, at) => `${at}.${ending}`)
  const { truncated, paths } = await read(Object.fromEntries(names.map((name) => [name, bomb])), 30 * MIB)
  expect(truncated).toBe(`it unpacks to more than ${30 * MIB} bytes`)
  expect(paths.length).toBeLessThan(4)
})
