import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { FreezeframeError } from '../../error.ts'
import type { ClusterEntry, Connection, ExecEntry, UserEntry } from './kubeconfig.ts'

/** What proves who we are: a header for each request, a certificate for each connection. */
export interface Credential {
  readonly authorization?: string
  readonly cert?: string
  readonly key?: string
  /** Milliseconds since 1970 after which it is asked for again; undefined where it does not expire. */
  readonly expires?: number
}

/** Gives the credential of the moment. */
export interface Credentials {
  get(): Promise<Credential>
  /** Drops what was cached, after a 401; false where another try would give the same. */
  refresh(): boolean
}

/** Token files are rotated by the kubelet; client-go re-reads them after one minute (rest/token_source.go). */
const TOKEN_FILE_MS = 60_000

/** A credential is renewed this long before it expires, so that no request is under way with a dead one. */
const RENEW_BEFORE_MS = 60_000

/** Creates the source of credentials of a connection: each is fetched once, however many requests wait for it. */
export function createCredentials(
  connection: Connection,
  env: Readonly<Record<string, string | undefined>>,
): Credentials {
  const { user } = connection
  if (user.exec) return cache(() => runPlugin(user.exec as ExecEntry, connection.cluster, env))
  if (user['auth-provider']) return cache(() => askAuthProvider(user))
  if (user.tokenFile) return cache(async () => readTokenFile(user.tokenFile ?? ''))
  return cache(() => readFixed(user))
}

function cache(fetch: () => Promise<Credential>): Credentials {
  let current: Promise<Credential> | undefined
  let expires = Number.POSITIVE_INFINITY
  return {
    get() {
      if (current && Date.now() < expires) return current
      expires = Number.POSITIVE_INFINITY
      const fetching = fetch().then((credential) => {
        expires = credential.expires ?? Number.POSITIVE_INFINITY
        return credential
      })
      current = fetching
      fetching.catch(() => {
        if (current === fetching) current = undefined
      })
      return fetching
    },
    refresh() {
      if (expires === Number.POSITIVE_INFINITY) return false
      current = undefined
      return true
    },
  }
}

async function readFixed(user: UserEntry): Promise<Credential> {
  const cert = await readPem(user['client-certificate-data'], user['client-certificate'])
  const key = await readPem(user['client-key-data'], user['client-key'])
  const authorization = user.token ? `Bearer ${user.token}` : basic(user)
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(authorization === undefined ? {} : { authorization }),
  }
}

function basic(user: UserEntry): string | undefined {
  if (!user.username) return undefined
  return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`
}

/** A PEM from a kubeconfig's `…-data` (base64) or file, whichever is there. */
export async function readPem(data: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  if (!path) return undefined
  return readFile(path, 'utf8').catch((cause) => {
    throw new FreezeframeError('KUBECONFIG_INVALID', `Cannot read ${path}, which the kubeconfig names.`, { cause })
  })
}

async function readTokenFile(path: string): Promise<Credential> {
  const token = await readFile(path, 'utf8').catch((cause) => {
    throw new FreezeframeError('CREDENTIALS_INVALID', `Cannot read the token file ${path}.`, { cause })
  })
  return { authorization: `Bearer ${token.trim()}`, expires: Date.now() + TOKEN_FILE_MS }
}

/** OIDC and the cloud providers that client-go has dropped: the Kubernetes client still knows them. */
async function askAuthProvider(user: UserEntry): Promise<Credential> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [{ name: 'cluster', server: 'https://localhost' }],
    users: [{ name: 'user', authProvider: user['auth-provider'] }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  })
  const options: { headers?: Record<string, string> } = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (cause) {
    throw new FreezeframeError(
      'CREDENTIALS_INVALID',
      `The auth provider "${user['auth-provider']?.name}" gave no credential.`,
      {
        remedy: 'Log in again with the tool that wrote the kubeconfig.',
        cause,
      },
    )
  }
  const authorization = options.headers?.Authorization
  return { ...(authorization === undefined ? {} : { authorization }), expires: Date.now() + TOKEN_FILE_MS }
}

interface ExecCredential {
  status?: {
    token?: string
    clientCertificateData?: string
    clientKeyData?: string
    expirationTimestamp?: string
  }
}

/** Runs a credential plugin (KEP-541); its stderr is the user's, because some ask to log in there. */
async function runPlugin(
  exec: ExecEntry,
  cluster: ClusterEntry,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credential> {
  const output = await spawnPlugin(exec, { ...env, ...describeExec(exec, cluster) })
  let answer: ExecCredential
  try {
    answer = JSON.parse(output) as ExecCredential
  } catch (cause) {
    throw pluginError(exec, 'printed something that is not an ExecCredential', cause)
  }
  const status = answer.status
  if (!status?.token && !status?.clientCertificateData)
    throw pluginError(exec, 'gave neither a token nor a certificate')
  const expires = Date.parse(status.expirationTimestamp ?? '')
  return {
    ...(status.token === undefined ? {} : { authorization: `Bearer ${status.token}` }),
    ...(status.clientCertificateData === undefined ? {} : { cert: status.clientCertificateData }),
    ...(status.clientKeyData === undefined ? {} : { key: status.clientKeyData }),
    expires: Number.isNaN(expires) ? Number.MAX_SAFE_INTEGER : expires - RENEW_BEFORE_MS,
  }
}

/** The plugin's own environment and the request that it answers, KUBERNETES_EXEC_INFO. */
function describeExec(exec: ExecEntry, cluster: ClusterEntry): Record<string, string> {
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: Boolean(process.stdin.isTTY) && exec.interactiveMode !== 'Never',
      ...(exec.provideClusterInfo ? { cluster } : {}),
    },
  }
  const own = (exec.env ?? []).map(({ name, value }) => [name, value])
  return { ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: JSON.stringify(info) }
}

function spawnPlugin(exec: ExecEntry, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(exec.command, exec.args ?? [], { env, stdio: ['inherit', 'pipe', 'inherit'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (cause: NodeJS.ErrnoException) => {
      reject(pluginError(exec, cause.code === 'ENOENT' ? 'was not found' : `did not start (${cause.code})`, cause))
    })
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'))
      else reject(pluginError(exec, `ended with exit code ${code}`))
    })
  })
}

function pluginError(exec: ExecEntry, what: string, cause?: unknown): FreezeframeError {
  return new FreezeframeError('CREDENTIALS_INVALID', `The credential plugin "${exec.command}" ${what}.`, {
    remedy: exec.installHint?.trim() || 'Run the plugin by hand, or log in again.',
    cause,
  })
}
