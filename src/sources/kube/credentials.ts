import { readFile } from 'node:fs/promises'
import { FreezeframeError } from '../../error.ts'
import { runPlugin } from './exec-plugin.ts'
import type { Connection, UserEntry } from './kubeconfig.ts'
import { readPem } from './pem.ts'

/** What proves who we are: a header for each request, a certificate for each connection. */
export interface Credential {
  readonly authorization?: string
  readonly cert?: string
  readonly key?: string
  /** Milliseconds since 1970 after which it is asked for again; undefined where it stays. */
  readonly renewAt?: number
}

/** Gives the credential of the moment. */
export interface Credentials {
  get(): Promise<Credential>
  /**
   * Tells of a 401 to this credential: it is not given again. False where another try would give the same, or, `again`, where this one was
   * fetched because another had been refused: then it is not its age, and it stays.
   */
  refused(used: Credential, again: boolean): boolean
  /** Ends a plugin that still runs. */
  close(): void
}

/** Token files are rotated by the kubelet; client-go re-reads them after one minute (transport/token_source.go). */
const TOKEN_FILE_MS = 60_000

/** After a renewal that failed, the credential at hand is used for this long before the next try (client-go keeps the last token too). */
const RETRY_MS = 10_000

/**
 * Creates the source of credentials of a connection: each is fetched once, however many requests wait for it. A token in the kubeconfig
 * wins over a plugin, a token file over both, and a client certificate goes with any (client-go, clientcmd and plugin/pkg/client/auth/exec).
 */
export function createCredentials(
  connection: Connection,
  env: Readonly<Record<string, string | undefined>>,
): Credentials {
  const closing = new AbortController()
  const fetch = chooseSource(connection, env, closing.signal)
  const credentials = cache(async () => ({ ...(await readFixed(connection.user)), ...(await fetch?.()) }))
  return {
    get: credentials.get,
    refused: (used, again) => fetch !== undefined && credentials.refused(used, again),
    close: () => closing.abort(),
  }
}

/** What gives a credential that may change; undefined where all of it stands in the kubeconfig. */
function chooseSource(
  { user, cluster }: Connection,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): (() => Promise<Credential>) | undefined {
  const { exec, tokenFile } = user
  if (tokenFile) return () => readTokenFile(tokenFile)
  if (user.token) return undefined
  if (exec) return () => runPlugin(exec, cluster, env, signal)
  return user['auth-provider'] ? () => askAuthProvider(user) : undefined
}

function cache(fetch: () => Promise<Credential>): Pick<Credentials, 'get' | 'refused'> {
  let current: Promise<Credential> | undefined
  let good: Credential | undefined
  let hopeless: Credential | undefined
  let due = Number.POSITIVE_INFINITY

  async function renew(): Promise<Credential> {
    try {
      good = await fetch()
    } catch (cause) {
      if (!good) throw cause
      good = { ...good, renewAt: Date.now() + RETRY_MS }
    }
    due = good.renewAt ?? Number.POSITIVE_INFINITY
    return good
  }

  return {
    get() {
      if (current && Date.now() < due) return current
      due = Number.POSITIVE_INFINITY
      const renewing = renew()
      current = renewing
      renewing.catch(() => {
        if (current === renewing) current = undefined
      })
      return renewing
    },
    refused(used, again) {
      if (used !== good) return !again
      if (again) hopeless = used
      if (used === hopeless) return false
      good = undefined
      current = undefined
      return true
    },
  }
}

async function readFixed(user: UserEntry): Promise<Credential> {
  const cert = await readPem(user['client-certificate-data'], user['client-certificate'])
  const key = await readPem(user['client-key-data'], user['client-key'])
  const authorization = user.token ? `Bearer ${user.token.trim()}` : basic(user)
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

async function readTokenFile(path: string): Promise<Credential> {
  const token = await readFile(path, 'utf8').catch((cause) => {
    throw new FreezeframeError('CREDENTIALS_INVALID', `Cannot read the token file ${path}.`, { cause })
  })
  return { authorization: `Bearer ${token.trim()}`, renewAt: Date.now() + TOKEN_FILE_MS }
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
  return { ...(authorization === undefined ? {} : { authorization }), renewAt: Date.now() + TOKEN_FILE_MS }
}
