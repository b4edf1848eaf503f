import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici'
import type { Credential } from './credentials.ts'
import { readPem } from './credentials.ts'
import type { Connection } from './kubeconfig.ts'
import { proxyFor } from './proxy.ts'

/** Time for TCP and TLS; client-go dials with 30 s, but at 2 a.m. nobody waits that long to hear that a host is gone. */
const CONNECT_MS = 10_000

/** Connections at the most: the congestion control's limit, and the three watches beside it. */
const CONNECTIONS = 20

/**
 * HTTP/1.1: a TLS session of Node 24's HTTP/2 can spin for ever when requests on it are aborted (seen in Http2Session::SendPendingData after
 * Ctrl-C, about one run in five), and one flow-control window for all would make a log wait for a list.
 */
const PROTOCOL = { allowH2: false }

/** The one pool that every request of a connection goes through. Timeouts are the client's, per request. */
export async function createDispatcher(
  connection: Connection,
  credential: Credential,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Dispatcher> {
  const { cluster } = connection
  const server = new URL(cluster.server)
  const ca = await readPem(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(credential.cert === undefined ? {} : { cert: credential.cert }),
    ...(credential.key === undefined ? {} : { key: credential.key }),
    ...(cluster['tls-server-name'] ? { servername: cluster['tls-server-name'] } : {}),
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
  }
  const pool = { ...PROTOCOL, connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 }
  const proxy = proxyFor(server, cluster['proxy-url'], env)
  if (proxy === undefined) return new Agent({ ...pool, connect: { ...tls, timeout: CONNECT_MS } })
  if (proxy.startsWith('socks5'))
    return new Socks5ProxyAgent(proxy.replace(/^socks5h:/, 'socks5:'), { ...pool, requestTls: tls })
  return new ProxyAgent({ ...pool, uri: proxy, requestTls: { ...tls, timeout: CONNECT_MS } })
}
