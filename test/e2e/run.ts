import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { KUBECONFIG } from './cluster/cluster.ts'

/** The program as installed in a checkout. */
export const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'freezeframe.js')

/** What a run of the program left. */
export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The program, running. */
export interface Running {
  readonly child: ChildProcess
  readonly done: Promise<Finished>
  /** Resolves when stderr or stdout has shown this text. */
  shows(text: string): Promise<void>
}

/** Starts the program; the cluster's kubeconfig is given by the environment. */
export function start(args: readonly string[], options: { kubeconfig?: string; cwd?: string } = {}): Running {
  const env = { ...process.env, KUBECONFIG: options.kubeconfig ?? KUBECONFIG, NO_COLOR: '1' }
  const child = spawn(process.execPath, [PROGRAM, ...args, ...inOneSample(args)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd ? { cwd: options.cwd } : {}),
  })
  const output = { stdout: '', stderr: '' }
  const watchers: (() => void)[] = []
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (data: Buffer) => {
      output[name] += data.toString()
      for (const watch of watchers) watch()
    })
  }
  const done = new Promise<Finished>((resolve) => child.on('close', (code) => resolve({ code, ...output })))
  return {
    child,
    done,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          if ((output.stdout + output.stderr).includes(text)) resolve()
        }
        watchers.push(watch)
        watch()
        child.on('close', () => reject(new Error(`ended without showing "${text}": ${output.stderr}`)))
      }),
  }
}

/** The second sample of what nodes count comes half a minute after the first, and has tests of its own. */
function inOneSample(args: readonly string[]): readonly string[] {
  return args[0] === 'capture' && !args.includes('--samples') ? ['--samples', '1'] : []
}

/** Runs the program to its end. */
export function freezeframe(
  args: readonly string[],
  options: { kubeconfig?: string; cwd?: string } = {},
): Promise<Finished> {
  return start(args, options).done
}

/** A folder for a test's bundles; removed by `remove`. */
export async function makeFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'freezeframe-e2e-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Opens the one bundle of a folder, finished or partial. */
export async function openOnly(folder: string): Promise<BundleReader> {
  const names = await readdir(folder)
  const [name] = names
  if (names.length !== 1 || name === undefined)
    throw new Error(`One bundle was expected in ${folder}: ${names.join(', ')}`)
  return openBundle(join(folder, name))
}
