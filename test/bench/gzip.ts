import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createParallelGzip, DEFAULT_LEVEL } from '../../src/bundle/gzip.ts'
import { writeCorpus } from './corpus.ts'
import { show } from './measure.ts'

/**
 * Measures the gzip stage against GNU gzip -6 on the same bytes, in pairs: `npm run bench:gzip [-- FILE …]`. Without files, on a made-up
 * mixture of list pages and logs.
 */
const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, level: { type: 'string', default: String(DEFAULT_LEVEL) } },
  allowPositionals: true,
})

const folder = mkdtempSync(join(tmpdir(), 'freezeframe-bench-'))
try {
  const files = positionals.length > 0 ? positionals : [writeCorpus(join(folder, 'corpus'))]
  for (const file of files) await compare(file)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function compare(file: string): Promise<void> {
  const data = readFileSync(file)
  const packed = join(folder, 'packed.gz')
  const rounds: { theirs: number; ours: number; ourBytes: number }[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const begun = performance.now()
    execFileSync('sh', ['-c', 'gzip -6 -c "$1" > "$2"', 'sh', file, packed])
    const between = performance.now()
    const ourBytes = await pack(data)
    rounds.push({ theirs: between - begun, ours: performance.now() - between, ourBytes })
  }
  const perSecond = (milliseconds: number) => data.length / 1e3 / milliseconds
  const theirBytes = statSync(packed).size
  const ourBytes = rounds[0]?.ourBytes ?? 0
  console.log(`${file}: ${(data.length / 1e6).toFixed(0)} MB`)
  console.log(
    `gzip -6       ${show(
      rounds.map(({ theirs }) => perSecond(theirs)),
      0,
    )} MB/s, ${theirBytes} bytes`,
  )
  console.log(
    `freezeframe   ${show(
      rounds.map(({ ours }) => perSecond(ours)),
      0,
    )} MB/s, ${ourBytes} bytes`,
  )
  console.log(`speed         ${show(rounds.map(({ theirs, ours }) => theirs / ours))} times gzip -6`)
  console.log(`size          ${(ourBytes / theirBytes).toFixed(3)} of gzip -6`)
}

/** Packs in steps of a list page; the output goes to a file, as gzip's does. */
async function pack(data: Buffer): Promise<number> {
  const parts: Buffer[] = []
  const gzip = createParallelGzip({ write: async (part) => void parts.push(part) }, Number(values.level))
  for (let start = 0; start < data.length; start += 4_000_000) await gzip.write(data.subarray(start, start + 4_000_000))
  await gzip.end()
  writeFileSync(join(folder, 'ours.gz'), Buffer.concat(parts))
  return gzip.packedLength
}
