import { spawn } from 'node:child_process'
import { FreezeframeError } from '../../error.ts'
import type { Credential } from './credentials.ts'
import type { ClusterEntry, ExecEntry } from './kubeconfig.ts'
import { readPem } from './pem.ts'

/** A credential is renewed this long before it expires, so that no request is under way with a dead one; a short-lived one at half its life. */
const RENEW_BEFORE_MS = 60_000

/** One that comes expired (the clocks differ) is used for this long all the same; the server decides. */
const LEAST_MS = 5_000

interface ExecCredential {
  status?: {
    token?: string
    clientCertificateData?: string
    clientKeyData?: string
    expirationTimestamp?: string
  }
}

/**
 * Runs a credential plugin (KEP-541); its stderr is the user's, because some ask to log in there. Throws CREDENTIALS_INVALID, with the
 * kubeconfig's own installHint as the remedy where it has one.
 */
export async function runPlugin(
  exec: ExecEntry,
  cluster: ClusterEntry,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Credential> {
  const interactive = Boolean(process.stdin.isTTY) && exec.interactiveMode !== 'Never'
  if (exec.interactiveMode === 'Always' && !interactive) throw pluginError(exec, 'needs a terminal')
  const request = await describeRequest(exec, cluster, interactive)
  const own = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]))
  const output = await spawnPlugin(exec, { ...env, ...own, KUBERNETES_EXEC_INFO: request }, interactive, signal)
  const status = parseAnswer(exec, output).status
  const cert = status?.clientCertificateData
  const key = status?.clientKeyData
  if (!status?.token && !(cert && key)) throw pluginError(exec, 'gave neither a token nor a certificate with its key')
  return {
    ...(status.token ? { authorization: `Bearer ${status.token.trim()}` } : {}),
    ...(cert && key ? { cert, key } : {}),
    renewAt: renewalOf(status.expirationTimestamp),
  }
}

/** A credential without an expiry stays until the server refuses it. */
function renewalOf(expirationTimestamp: string | undefined): number {
  const life = Date.parse(expirationTimestamp ?? '') - Date.now()
  if (Number.isNaN(life)) return Number.POSITIVE_INFINITY
  return Date.now() + Math.max(life - RENEW_BEFORE_MS, life / 2, LEAST_MS)
}

function parseAnswer(exec: ExecEntry, output: string): ExecCredential {
  let answer: unknown
  try {
    answer = JSON.parse(output)
  } catch {
    // No cause: it would quote the output, which may hold a token.
  }
  if (typeof answer !== 'object' || answer === null)
    throw pluginError(exec, 'printed something that is not an ExecCredential')
  return answer
}

/** KUBERNETES_EXEC_INFO: the request that the plugin answers. */
async function describeRequest(exec: ExecEntry, cluster: ClusterEntry, interactive: boolean): Promise<string> {
  return JSON.stringify({
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive, ...(exec.provideClusterInfo ? { cluster: await describeCluster(cluster) } : {}) },
  })
}

/** The cluster as client.authentication.k8s.io/v1 has it: the authority as data, and the plugin's own settings from the extensions. */
async function describeCluster(cluster: ClusterEntry): Promise<object> {
  const { extensions, 'certificate-authority': file, ...fields } = cluster
  const config = extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension
  const authority = await readPem(fields['certificate-authority-data'], file)
  return {
    ...fields,
    ...(authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') }),
    ...(config === undefined ? {} : { config }),
  }
}

function spawnPlugin(
  exec: ExecEntry,
  env: NodeJS.ProcessEnv,
  interactive: boolean,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(exec.command, exec.args ?? [], {
      env,
      signal,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    })
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (cause: NodeJS.ErrnoException) => {
      reject(pluginError(exec, cause.code === 'ENOENT' ? 'was not found' : `did not start (${cause.code})`, cause))
    })
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'))
      else reject(pluginError(exec, code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`))
    })
  })
}

function pluginError(exec: ExecEntry, what: string, cause?: unknown): FreezeframeError {
  return new FreezeframeError('CREDENTIALS_INVALID', `The credential plugin "${exec.command}" ${what}.`, {
    remedy: exec.installHint?.trim() || 'Run the plugin by hand, or log in again.',
    cause,
  })
}
