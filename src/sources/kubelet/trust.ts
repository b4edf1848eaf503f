import type { Duplex } from 'node:stream'
import { checkServerIdentity, connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls'
import { KubeError } from '../kube/client.ts'
import type { Credential } from '../kube/credentials.ts'

/** Milliseconds for TCP and TLS: a kubelet is in the next rack, or not reachable from here at all. */
const CONNECT_MS = 4000

/** What a kubelet's certificate is checked against. */
export interface KubeletIdentity {
  /** The node, for messages. */
  readonly node: string
  /** Names and addresses of the node, one of which its certificate must be for. */
  readonly addresses: readonly string[]
  /** Authorities in PEM; undefined for those of the system. */
  readonly ca: string | undefined
}

/**
 * Opens TLS to a kubelet and resolves only when its certificate is verified. A client certificate is part of the handshake, which ends before
 * the other side is verified: it is only shown in a second one. `open` gives the connection below; it rejects where there is none.
 */
export async function connectTrusted(
  open: () => Promise<Duplex>,
  identity: KubeletIdentity,
  credential: Credential,
): Promise<TLSSocket> {
  const { cert, key } = credential
  const first = await handshake(await open(), identity, {})
  if (cert === undefined || key === undefined) return first
  first.destroy()
  return handshake(await open(), identity, { cert, key })
}

function handshake(socket: Duplex, identity: KubeletIdentity, shown: { cert?: string; key?: string }) {
  const { node, addresses, ca } = identity
  return new Promise<TLSSocket>((resolve, reject) => {
    const tls = connectTls({
      socket,
      ...shown,
      ...(ca === undefined ? {} : { ca }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
      checkServerIdentity: (_, certificate) => checkAny(addresses, certificate),
    })
    const timer = setTimeout(() => tls.destroy(new Error('the TLS handshake took too long')), CONNECT_MS)
    tls.once('secureConnect', () => {
      clearTimeout(timer)
      tls.off('error', fail)
      resolve(tls)
    })
    tls.once('error', fail)
    function fail(cause: NodeJS.ErrnoException): void {
      clearTimeout(timer)
      socket.destroy()
      reject(describe(node, cause))
    }
  })
}

/** The connection may lead through localhost, so the name that was dialled says nothing. */
function checkAny(addresses: readonly string[], certificate: PeerCertificate): Error | undefined {
  const errors = addresses.map((address) => checkServerIdentity(address, certificate))
  return errors.includes(undefined) ? undefined : (errors[0] ?? new Error('the node has no address'))
}

/** OpenSSL's words for a certificate that is not to be trusted (Node, TLS "X509 certificate error codes"). */
const UNTRUSTED = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/

function describe(node: string, cause: NodeJS.ErrnoException): KubeError {
  if (UNTRUSTED.test(cause.code ?? '')) {
    return new KubeError({
      message: `The kubelet of node ${node} shows a certificate that cannot be verified (${cause.code}), so no credential was sent to it. Name its authority with --kubelet-ca.`,
      status: 0,
      reason: 'Untrusted',
      cause,
    })
  }
  return unreachable(`the kubelet of node ${node} does not speak TLS with us: ${cause.message}`, cause)
}

/** Nobody was reached this way; another one may lead there. */
export function unreachable(message: string, cause?: unknown): KubeError {
  return new KubeError({ message, status: 0, reason: 'Unreachable', cause })
}
