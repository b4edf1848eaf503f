import { FreezeframeError } from '../../error.ts'
import { KubeError } from './client.ts'
import type { Connection } from './kubeconfig.ts'

/** Nobody answered in time. */
export function timedOut(path: string, timeout: number, cause: unknown): KubeError {
  const message = `No answer to ${path} within ${timeout / 1000} s.`
  return new KubeError({ message, status: 0, reason: 'Timeout', cause })
}

/** The part of a metav1.Status that says why. */
interface Status {
  kind?: string
  message?: string
  reason?: string
}

/** What an answer with a status other than 2xx, or a web page in the place of one, means: the server's own words where it has any, and for 401 what to do. */
export function describeAnswer(status: number, body: Buffer, path: string, server: URL, connection: Connection): Error {
  const parsed = parseStatus(body)
  const answer = new KubeError({
    message: parsed?.message ?? describeBody(status, body, path),
    status,
    reason: parsed?.reason ?? `HTTP ${status}`,
    response: parsed,
  })
  if (status !== 401) return answer
  return new FreezeframeError(
    'CREDENTIALS_INVALID',
    `${server.host} does not accept the credentials of ${who(connection)} (401).`,
    { remedy: 'Log in again, or choose another context with --context.', cause: answer },
  )
}

function parseStatus(body: Buffer): Status | undefined {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as Status
    return parsed?.kind === 'Status' ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Proxies and webhooks answer in plain text; a page of HTML says nothing. */
function describeBody(status: number, body: Buffer, path: string): string {
  const line = body.subarray(0, 500).toString('utf8').trim().split('\n')[0] ?? ''
  if (line.startsWith('<')) return `${path} answered ${status} with a web page.`
  return line ? `${path}: ${line.slice(0, 200)}` : `${path} answered ${status}.`
}

function who(connection: Connection): string {
  return connection.context === null ? 'the service account' : `context "${connection.context}"`
}

/** OpenSSL verify results that Node passes on as error codes: certificates that are not to be trusted (Node, TLS "X509 certificate error codes"). */
const CERTIFICATE_CODES: Record<string, string> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not the one of the kubeconfig',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not the one of the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not the one of the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not the one of the kubeconfig',
  CERT_SIGNATURE_FAILURE: 'its authority is not the one of the kubeconfig',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name (see tls-server-name)',
}

/** What is wrong with what we showed: TLS alerts of the server, and certificates, keys and tokens that cannot even be sent. */
const CREDENTIAL_CODES: readonly (readonly [RegExp, (host: string, who: string) => string])[] = [
  [
    /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA)/,
    (host, who) => `${host} refused the client certificate of ${who}.`,
  ],
  [
    /ERR_OSSL_X509_KEY_VALUES_MISMATCH/,
    (_, who) => `The client certificate and the client key of ${who} do not fit together.`,
  ],
  [/ERR_OSSL_/, (_, who) => `The client certificate or the client key of ${who} cannot be read.`],
  [/^invalid authorization header$/, (_, who) => `The token of ${who} has characters that no header may have.`],
]

const CONNECTION_CODES: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve (DNS did not answer)',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  UND_ERR_PRX_TLS: 'the certificate of the proxy is for another name',
  UND_ERR_PRX_CONN: 'the proxy closed the connection',
}

/** What undici says of a proxy that opens no tunnel. */
const PROXY_ANSWERS = [/^Proxy response \((\d+)\)/, /^Proxy Authentication Required \((407)\)$/]

/** Whom a request was sent to, and through what. */
export interface Route {
  readonly server: URL
  readonly connection: Connection
  readonly proxy: string | undefined
}

/** Why no answer came. A dead server, a wrong certificate and an expired client certificate each have a sentence of their own. */
export function describeConnectionError(cause: unknown, route: Route, path: string): Error {
  if (cause instanceof FreezeframeError || cause instanceof KubeError) return cause
  const code = errorCode(cause)
  const words = cause instanceof Error ? cause.message : String(cause)
  const { host } = route.server
  const certificate = CERTIFICATE_CODES[code]
  if (certificate !== undefined) {
    return new FreezeframeError('SERVER_CERTIFICATE', `The certificate of ${host} cannot be trusted: ${certificate}.`, {
      remedy: 'Check the certificate-authority and tls-server-name of the cluster in the kubeconfig.',
      cause,
    })
  }
  const own = CREDENTIAL_CODES.find(([pattern]) => pattern.test(code) || pattern.test(words))?.[1]
  if (own !== undefined) {
    return new FreezeframeError('CREDENTIALS_INVALID', own(host, who(route.connection)), {
      remedy: 'It may have expired: log in again.',
      cause,
    })
  }
  const reached = CONNECTION_CODES[code] ?? describeProxyAnswer(words)
  if (reached !== undefined) {
    return new FreezeframeError('SERVER_UNREACHABLE', `Cannot reach the API server ${host}${via(route)}: ${reached}.`, {
      remedy: 'Check the network, the VPN and the context.',
      cause,
    })
  }
  return new KubeError({ message: `${path}: ${words}`, status: 0, reason: 'ConnectionFailed', cause })
}
function describeProxyAnswer(words: string): string | undefined {
  const status = PROXY_ANSWERS.map((pattern) => pattern.exec(words)?.[1]).find(Boolean)
  if (status === undefined) return undefined
  return status === '407' ? 'the proxy asks for other credentials (407)' : `the proxy answered ${status}`
}

/** The proxy by its host: its URL may hold a password. */
function via({ proxy }: Route): string {
  return proxy === undefined ? '' : ` through the proxy ${new URL(proxy).host}`
}

/** Happy-eyeballs attempts come as one AggregateError; they fail alike. */
function errorCode(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return errorCode(cause.errors[0])
  return (cause as NodeJS.ErrnoException).code ?? ''
}
