import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildServers } from '../e2e/cluster/build.ts'
import { makeLargeBundle } from './large-bundle.ts'
import { type Size, startLoaded } from './load.ts'
import { measure, show } from './measure.ts'

/**
 * Measures the replay of large bundles by kubectl, the smaller one against a real API server that holds the same objects:
 * `npm run bench:serve`. See README.md beside this file for how to read what it prints.
 */
const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '20000,150000' },
    rounds: { type: 'string', default: '3' },
    'no-server': { type: 'boolean', default: false },
  },
})

const ROOT = join(import.meta.dirname, '..', '..')
const PROGRAM = join(ROOT, 'dist', 'bin', 'freezeframe.js')
const CLIENTS = 64
const LISTERS = 4
const rounds = Number(values.rounds)

execFileSync(process.execPath, [join(ROOT, 'build.ts')], { stdio: 'ignore' })
const kubectl = await buildServers()
for (const [number, pods] of values.pods.split(',').map(Number).entries()) {
  const size = { pods, events: 20_000, nodes: 1000, namespaces: 200 }
  await measureReplay(await makeLargeBundle(size), size)
  if (number === 0 && !values['no-server']) await measureServer(size)
}

async function measureReplay(bundle: string, { pods }: Size): Promise<void> {
  const begun = performance.now()
  const child = spawn(process.execPath, [PROGRAM, 'serve', bundle], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const ready = (performance.now() - begun) / 1000
  const kubeconfig = line
    .toString()
    .trim()
    .replace(/^export KUBECONFIG='?|'$/g, '')
  try {
    console.log(`replay of ${pods} pods`)
    console.log(`  ready                 ${ready.toFixed(2)} s`)
    await measureCommands(kubeconfig)
    const pages = await askAtOnce(kubeconfig, CLIENTS, '/api/v1/pods?limit=500')
    console.log(`  ${CLIENTS} clients at once   ${pages.toFixed(2)} s for a page of 500 pods each`)
    console.log(`  peak RSS              ${peakOf(child.pid ?? 0).toFixed(0)} MiB`)
    const lists = await askAtOnce(kubeconfig, LISTERS, '/api/v1/pods')
    console.log(`  ${LISTERS} clients at once    ${lists.toFixed(2)} s for the whole list each`)
    console.log(`  peak RSS              ${peakOf(child.pid ?? 0).toFixed(0)} MiB`)
  } finally {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
}

/** The same questions to a real API server. */
async function measureServer(size: Size): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'freezeframe-bench-'))
  const plane = await startLoaded(size, folder)
  try {
    console.log(`real API server with ${size.pods} pods`)
    await measureCommands(plane.kubeconfig)
  } finally {
    await plane.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureCommands(kubeconfig: string): Promise<void> {
  const get = async (...args: string[]) => {
    const found = await measure(kubectl, ['kubectl', '--kubeconfig', kubeconfig, 'get', ...args])
    if (found.code !== 0) throw new Error(`kubectl get ${args.join(' ')}: ${found.stderr}`)
    return found
  }
  const repeat = async (name: string, ...args: string[]) => {
    const walls: number[] = []
    for (let round = 0; round < rounds; round++) walls.push((await get(...args)).wall)
    console.log(`  ${name.padEnd(22)}${show(walls)} s`)
  }
  console.log(`  get pods -A, first    ${(await get('pods', '-A')).wall.toFixed(2)} s`)
  await repeat('get pods -A, again', 'pods', '-A')
  const listed = (await get('pods', '-A', '--no-headers', '-o', 'wide')).stdout.split('\n')[1]?.split(/\s+/) ?? []
  const [namespace = '', name = ''] = listed
  const node = listed.find((word) => word.endsWith('.internal')) ?? ''
  await repeat('get pods -l', 'pods', '-A', '-l', 'app=service-3')
  await repeat('get pods of a node', 'pods', '-A', '--field-selector', `spec.nodeName=${node}`)
  await repeat('get pod NAME', 'pod', name, '-n', namespace)
  await repeat('get --raw /version', '--raw', '/version')
}

/** Seconds until each of many clients has its answer, all of them asked at the same time. */
async function askAtOnce(kubeconfig: string, clients: number, path: string): Promise<number> {
  const begun = performance.now()
  const args = ['kubectl', '--kubeconfig', kubeconfig, 'get', '--raw', path]
  const found = await Promise.all(Array.from({ length: clients }, () => measure(kubectl, args, { discard: true })))
  if (found.some(({ code }) => code !== 0)) throw new Error('a client was refused')
  return (performance.now() - begun) / 1000
}

function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
}
