import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openBundle } from '../../src/bundle/reader.ts'
import { measure, show } from './measure.ts'

/**
 * Measures what it costs to ask the kubelets of many full nodes twice, against the interval between the samples, which nobody can be faster
 * than: `npm run bench:nodes`. See README.md beside this file.
 */
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '50' },
    interval: { type: 'string', default: '30' },
    hanging: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' },
  },
})

const ROOT = join(import.meta.dirname, '..', '..')
const PROGRAM = join(ROOT, 'dist', 'bin', 'freezeframe.js')

execFileSync(process.execPath, [join(ROOT, 'build.ts')], { stdio: 'ignore' })
const workDir = mkdtempSync(join(tmpdir(), 'freezeframe-bench-'))
const cluster = spawn(
  process.execPath,
  [join(import.meta.dirname, 'simulated-nodes.ts'), workDir, values.nodes, values.hanging],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
try {
  await once(cluster.stdout, 'data')
  const rounds = []
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await captureOnce())
  const interval = Number(values.interval)
  console.log(`wall s               ${show(rounds.map(({ wall }) => wall))}`)
  console.log(`ratio to the interval ${show(rounds.map(({ wall }) => wall / interval))}`)
  console.log(`CPU s                ${show(rounds.map(({ cpu }) => cpu))}`)
  console.log(
    `peak RSS MiB         ${show(
      rounds.map(({ rss }) => rss),
      0,
    )}`,
  )
  console.log(
    `read of kubelets     ${rounds.map(({ files, bytes }) => `${files} files, ${Math.round(bytes / 2 ** 20)} MiB`).join('; ')}`,
  )
  console.log(`not read             ${rounds.map(({ lost }) => lost).join('; ')} lines of the ledger`)
} finally {
  cluster.kill()
  rmSync(workDir, { recursive: true, force: true })
}

async function captureOnce() {
  const folder = mkdtempSync(join(workDir, 'out-'))
  const args = ['capture', '--kubeconfig', join(workDir, 'kubeconfig'), '--kubelet-ca', join(workDir, 'kubelets.pem')]
  const wanted = ['--nodes', 'all', '--interval', `${values.interval}s`, '--progress', 'none', '-o', folder]
  const measured = await measure(process.execPath, [PROGRAM, ...args, ...wanted])
  const bundle = await openBundle(join(folder, readdirSync(folder)[0] ?? ''))
  await bundle.close()
  const { files, ledger } = bundle.manifest
  const read = files.filter(({ path }) => path.startsWith('nodes/'))
  const lost = ledger.filter(({ scope, status }) => scope.node !== undefined && status !== 'complete').length
  return { ...measured, files: read.length, bytes: read.reduce((sum, { bytes }) => sum + bytes, 0), lost }
}
