import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Manifest } from '../../src/bundle/format.ts'
import { openBundle } from '../../src/bundle/reader.ts'
import { buildServers } from '../e2e/cluster/build.ts'
import { type Size, startLoaded } from './load.ts'
import { type Measured, measure, show, spread } from './measure.ts'

/**
 * Measures a capture of a large cluster against the floor, in one run and in pairs: `npm run bench:capture`. See README.md beside this
 * file for how to read what it prints.
 */
const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '6' },
    flat: { type: 'boolean', default: false },
  },
})

const ROOT = join(import.meta.dirname, '..', '..')
const PROGRAM = join(ROOT, 'dist', 'bin', 'freezeframe.js')

/** What the issue calls a large cluster; events and nodes stay the same however many pods there are. */
function sizeOf(pods: number): Size {
  return { pods, events: 20_000, nodes: 1000, namespaces: 200 }
}

interface Round {
  readonly floor: Measured & { readonly requests: number; readonly lists: number; readonly bytes: number }
  readonly ours: Measured
  readonly manifest: Manifest
  readonly bundleBytes: number
  readonly kubectl: Measured | undefined
}

execFileSync(process.execPath, [join(ROOT, 'build.ts')], { stdio: 'ignore' })
if (values.flat) await compareSizes([5000, 40_000])
else report(await runRounds(Number(values.pods), Number(values.rounds), true))

/** Memory must not grow with the cluster: the same capture of a small one and of one eight times as large. */
async function compareSizes(sizes: readonly number[]): Promise<void> {
  const peaks: number[] = []
  for (const pods of sizes) {
    const rounds = await runRounds(pods, Number(values.rounds), false)
    peaks.push(spread(rounds.map(({ ours }) => ours.rss)).median)
    console.log(
      `${pods} pods: peak RSS ${show(
        rounds.map(({ ours }) => ours.rss),
        0,
      )} MiB`,
    )
  }
  console.log(`ratio ${((peaks[1] ?? 0) / (peaks[0] ?? 1)).toFixed(2)}`)
}

async function runRounds(pods: number, count: number, withKubectl: boolean): Promise<Round[]> {
  const workDir = mkdtempSync(join(tmpdir(), 'freezeframe-bench-'))
  try {
    const plane = await startLoaded(sizeOf(pods), workDir)
    try {
      const rounds: Round[] = []
      // The first capture warms the server's caches, and says which URLs the floor has to read.
      const { manifest } = await captureOnce(workDir, plane.kubeconfig)
      const paths = join(workDir, 'paths.json')
      writeFileSync(paths, JSON.stringify(floorPaths(manifest)))
      for (let round = 0; round < count; round++) {
        const kubectl = withKubectl && round === 0 ? await getByKubectl(plane.kubeconfig) : undefined
        // A capture lets the server collect its garbage in every other run: who goes first changes, so that neither always pays for it.
        const before = round % 2 === 0 ? await readFloor(workDir, plane.server, paths) : undefined
        const ours = await captureOnce(workDir, plane.kubeconfig)
        const floor = before ?? (await readFloor(workDir, plane.server, paths))
        rounds.push({ floor, ...ours, kubectl })
      }
      return rounds
    } finally {
      await plane.stop()
    }
  } finally {
    rmSync(workDir, { recursive: true, force: true })
  }
}

async function readFloor(workDir: string, server: string, paths: string): Promise<Round['floor']> {
  const floor = await measure(process.execPath, [join(import.meta.dirname, 'floor.ts'), workDir, server, paths])
  if (floor.code !== 0) throw new Error(`The floor failed: ${floor.stderr}`)
  return { ...floor, ...JSON.parse(floor.stdout) }
}

/** Logs are left out: there are no kubelets behind these nodes. */
async function captureOnce(workDir: string, kubeconfig: string) {
  const folder = mkdtempSync(join(workDir, 'out-'))
  try {
    const args = [
      'capture',
      '--kubeconfig',
      kubeconfig,
      '--logs',
      'none',
      '--nodes',
      'none',
      '--progress',
      'none',
      '-o',
      folder,
    ]
    const ours = await measure(process.execPath, [PROGRAM, ...args])
    if (ours.code !== 0) throw new Error(`The capture ended with ${ours.code}: ${ours.stderr}`)
    const path = join(folder, readdirSync(folder)[0] ?? '')
    const bundle = await openBundle(path)
    await bundle.close()
    return { ours, manifest: bundle.manifest, bundleBytes: statSync(path).size }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Every URL that was asked with GET, lists without their continue tokens. */
function floorPaths(manifest: Manifest): string[] {
  const asked = manifest.files.map((file) => file.obtained.request).filter((request) => request.startsWith('GET '))
  const paths = asked.map((request) => request.slice(4).replace(/&continue=[^&]*/, ''))
  // The long lists first, as anyone would who wants to be done early.
  const long = /^\/api\/v1\/(pods|events|nodes)\?/
  return [...new Set(paths)].sort((a, b) => Number(long.test(b)) - Number(long.test(a)))
}

async function getByKubectl(kubeconfig: string): Promise<Measured> {
  const kinds = 'pods,events,nodes'
  const args = ['kubectl', '--kubeconfig', kubeconfig, 'get', kinds, '-A', '-o', 'json']
  return measure(await buildServers(), args, { discard: true })
}

function report(rounds: readonly Round[]): void {
  const [first] = rounds
  if (!first) return
  const { manifest, floor, kubectl, bundleBytes } = first
  const lists = Object.values(manifest.cost.requests.list ?? {}).reduce((sum, count) => sum + count, 0)
  const requests = Object.values(manifest.cost.requests).flatMap((codes) => Object.values(codes))
  const plain = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  const rows = [
    ['', 'wall s', 'CPU s', 'peak RSS MiB'],
    ['floor', ...figures(rounds.map((round) => round.floor))],
    ['freezeframe', ...figures(rounds.map((round) => round.ours))],
    ...(kubectl ? [['kubectl get -o json', ...figures([kubectl])]] : []),
  ]
  for (const row of rows)
    console.log(
      row
        .map((cell, n) => cell.padEnd(n === 0 ? 20 : 24))
        .join('')
        .trimEnd(),
    )
  console.log(`ratio to the floor   ${show(rounds.map(({ ours, floor: base }) => ours.wall / base.wall))}`)
  console.log(`list requests        ${lists}; the floor's: ${floor.lists}`)
  console.log(`requests             ${requests.reduce((sum, count) => sum + count, 0)}; the floor's: ${floor.requests}`)
  console.log(`429s                 ${rounds.map((round) => round.manifest.cost.throttled).join(', ')}`)
  console.log(`received             ${mebibytes(manifest.cost.bytes)}; the floor: ${mebibytes(floor.bytes)}`)
  console.log(`bundle               ${mebibytes(bundleBytes)}, of ${mebibytes(plain)} of evidence`)
}

function figures(measured: readonly Measured[]): string[] {
  return [
    show(measured.map(({ wall }) => wall)),
    show(measured.map(({ cpu }) => cpu)),
    show(
      measured.map(({ rss }) => rss),
      0,
    ),
  ]
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
