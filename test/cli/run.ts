import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'

/** What a user sees of one run. */
export interface Seen {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Options of Node itself. */
  readonly node?: readonly string[]
  readonly program?: string
  /** A file that standard input is read from. */
  readonly stdin?: string
  /** Sent once stdout or stderr holds `text`. */
  readonly kill?: { readonly text: string; readonly signals: readonly NodeJS.Signals[] }
}

const PROGRAM = new URL('../../bin/freezeframe.js', import.meta.url).pathname

/** Compiled sources are kept between runs (Node, module compile cache): three quarters of a short run's time. */
const COMPILE_CACHE = new URL('../../.cache/compile', import.meta.url).pathname

/** Runs the real program, without a terminal and without the developer's kubeconfig. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Seen> {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.env }
  const stdin = options.stdin === undefined ? 'ignore' : openSync(options.stdin, 'r')
  const child = spawn(process.execPath, [...(options.node ?? []), options.program ?? PROGRAM, ...args], {
    cwd: options.cwd ?? '/',
    env,
    stdio: [stdin, 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  let stderr = ''
  let kill = options.kill
  const killOnceShown = () => {
    if (!kill || !(stderr + Buffer.concat(out)).includes(kill.text)) return
    for (const signal of kill.signals) child.kill(signal)
    kill = undefined
  }
  child.stdout?.on('data', (chunk) => {
    out.push(chunk)
    killOnceShown()
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
    killOnceShown()
  })
  const [code] = await once(child, 'close')
  if (typeof stdin === 'number') closeSync(stdin)
  return { code, stdout: Buffer.concat(out), stderr }
}

/** A run as a snapshot: command, exit code, both streams, with what differs from run to run replaced. */
export function transcript(args: readonly string[], seen: Seen, folder = '/nonexistent'): string {
  const text = [
    `$ freezeframe ${args.join(' ')}`,
    `exit ${seen.code}`,
    '--- stdout',
    seen.stdout.toString(),
    '--- stderr',
    seen.stderr,
  ]
  return text
    .join('\n')
    .replaceAll(folder, 'FOLDER')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\d{8}T\d{6}Z/g, 'TIME')
    .replace(/\[\d:\d\d\]/g, '[0:00]')
    .replace(/in [\d.]+ s/g, 'in SECONDS')
    .replace(/p99 \d+ ms/g, 'p99 MILLISECONDS')
    .replace(/[\d.]+ ([KM]iB|B)\b/g, 'SIZE')
    .replace(/\d+ (request|file)s?/g, 'N $1s')
}
