import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { buildServers } from './build.ts'
import { KUBECONFIG } from './place.ts'

const run = promisify(execFile)

/** Runs kubectl of the cluster's own version and returns what it printed; rejects with its stderr. */
export async function kubectl(args: readonly string[], kubeconfig = KUBECONFIG): Promise<string> {
  const servers = await buildServers()
  const { stdout } = await run(servers, ['kubectl', `--kubeconfig=${kubeconfig}`, ...args], {
    maxBuffer: 1024 * 1024 * 1024,
  })
  return stdout
}

/** GETs a path of the API server and parses the answer. */
export async function kubectlRaw<T>(path: string): Promise<T> {
  return JSON.parse(await kubectl(['get', '--raw', path])) as T
}
