import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildServers } from '../cluster/build.ts'

/** What a user sees of one kubectl command. */
export interface Shown {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs kubectl as a user would, with a cache of discovery of its own; `endAfter` ends one that would never end. */
export async function ask(command: string, kubeconfig: string, options: { endAfter?: number } = {}): Promise<Shown> {
  const program = await buildServers()
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: cacheOf(kubeconfig),
    KUBE_EDITOR: 'true',
    NO_COLOR: '1',
  }
  const child = spawn(program, ['kubectl', ...splitWords(command)], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = options.endAfter === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), options.endAfter)
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text
    })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  return { code, ...output }
}

/** Another replay may get the port of the one before, and kubectl keeps discovery for ten minutes. */
function cacheOf(kubeconfig: string): string {
  return join(CACHE, kubeconfig.replaceAll('/', '_'))
}

const CACHE = join(tmpdir(), `freezeframe-e2e-kube-cache-${process.pid}`)

/** Removes what kubectl kept. */
export function forget(): Promise<void> {
  return rm(CACHE, { recursive: true, force: true })
}

/** Words as a shell cuts them, single quotes and nothing else. */
function splitWords(command: string): string[] {
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))
}
