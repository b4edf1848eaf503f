import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici'
import type { Credential } from './credentials.ts'
import type { Connection } from './kubeconfig.ts'
import { readPem } from './pem.ts'

/** Time for TCP and TLS; client-go dials with 30 s, but at 2 a.m. nobody waits that long to hear that a host is gone. */
const CONNECT_MS = 10_000

/**
 * HTTP/1.1: a TLS session of Node 24's HTTP/2 can spin for ever when requests on it are aborted (seen in Http2Session::SendPendingData after
 * Ctrl-C, about one run in five), and one flow-control window for all would make a log wait for a list.
 *
 * Connections are as many as requests under way: the congestion control bounds those, and watches, which hold one each, must not take
 * them from everyone else.
 */
const POOL = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 }

/** The one pool that every request of a connection goes through. Timeouts are the client's, per request. */
async function createDispatcher(
  connection: Connection,
  credential: Credential,
  proxy: string | undefined,
): Promise<Dispatcher> {
  const { cluster } = connection
  const ca = await readPem(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(credential.cert === undefined ? {} : { cert: credential.cert }),
    ...(credential.key === undefined ? {} : { key: credential.key }),
    ...(cluster['tls-server-name'] ? { servername: cluster['tls-server-name'] } : {}),
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
    timeout: CONNECT_MS,
  }
  if (proxy === undefined) return new Agent({ ...POOL, connect: tls })
  if (proxy.startsWith('socks5'))
    return new Socks5ProxyAgent(proxy.replace(/^socks5h:/, 'socks5:'), { ...POOL, requestTls: tls })
  return new ProxyAgent({ ...POOL, uri: proxy, requestTls: tls })
}

/** One pool for all, made anew only when a plugin gives another client certificate. */
export function createPools(connection: Connection, proxy: string | undefined) {
  const pools: { cert: string | undefined; pool: Promise<Dispatcher> }[] = []
  return {
    get(credential: Credential): Promise<Dispatcher> {
      const current = pools.at(-1)
      if (current && current.cert === credential.cert) return current.pool
      const pool = createDispatcher(connection, credential, proxy)
      pools.push({ cert: credential.cert, pool })
      return pool
    },
    async close(): Promise<void> {
      await Promise.allSettled(pools.map(async ({ pool }) => (await pool).destroy()))
    },
  }
}
