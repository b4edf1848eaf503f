import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { askPool, type PoolRequest, refused } from '../kube/ask-pool.ts'
import { type KubeClient, KubeError, type KubeResponse } from '../kube/client.ts'
import type { Credential } from '../kube/credentials.ts'
import { orAbort } from '../kube/or-abort.ts'
import { poolOver } from '../kube/pod-port.ts'
import { forwardPort } from '../kube/port-forward.ts'
import type { Kubelet, KubeletNode, Kubelets, KubeletWay } from './kubelet.ts'
import { connectTrusted, unreachable } from './trust.ts'

/** Milliseconds in which a node of the own network takes a connection. */
const CONNECT_MS = 3000

/** Milliseconds for a whole answer of a kubelet: what is cached comes at once, and a dead volume is waited for by others. */
const ANSWER_MS = 10_000

/** So many nodes that cannot be reached, and none that can: this machine is not in their network, and each further try would only wait. */
const OUTSIDE = 2

/** The part of the API server that leads to kubelets. */
type Api = Pick<KubeClient, 'get' | 'connect'>

/** What kubelets are asked with. */
export interface KubeletAccess {
  readonly kube: Api
  credential(): Promise<Credential>
  /** Authorities of the kubelets' certificates, in PEM. */
  ca(): Promise<string | undefined>
  /** Another user who is impersonated at the API server; a kubelet knows no such thing. */
  readonly impersonated: string | undefined
  /** Whether the API server's proxy may be used: it asks for `nodes/proxy`, which equals exec in every container of the node. */
  readonly proxy: boolean
  /** Whether the API server is a replay, behind which there are no nodes. */
  isReplay(): boolean
}

/** With the own credential, the least detour first. */
const OWN_WAYS: readonly KubeletWay[] = ['direct', 'port-forward']

/** One way to one kubelet. */
interface Route {
  readonly way: KubeletWay
  get(path: string, request: PoolRequest): Promise<KubeResponse>
  close(): Promise<void>
}

/** Opens kubelets with the least privilege that reaches them: directly, then by port-forward, then, where it is allowed, by the API server. */
export function openKubelets(access: KubeletAccess): Kubelets {
  const network = { failed: 0, reached: false }
  const closing = new AbortController()
  const opened = new Map<string, { kubelet: Kubelet; routes: readonly Route[] }>()

  function open(node: KubeletNode) {
    const { impersonated } = access
    const own = impersonated === undefined ? ownRoutes(access, node, network, closing.signal) : []
    const routes = [...own, ...(access.proxy ? [proxyRoute(access.kube, node)] : [])]
    const met = impersonated === undefined ? [] : [impersonating(impersonated)]
    return { routes, kubelet: tryInTurn(node, routes, met) }
  }

  return {
    ways: [...(access.impersonated === undefined ? OWN_WAYS : []), ...(access.proxy ? (['proxy'] as const) : [])],
    of(node) {
      if (access.isReplay()) return REPLAYED
      const known = opened.get(node.name) ?? open(node)
      opened.set(node.name, known)
      return known.kubelet
    },
    async close() {
      closing.abort()
      await Promise.all([...opened.values()].flatMap(({ routes }) => routes.map((route) => route.close())))
    },
  }
}

/** Whoever captures a replay must not dial the addresses that its nodes once had. */
const REPLAYED: Kubelet = {
  async get() {
    throw new KubeError({ message: 'A replay has no nodes that could be asked.', status: 404, reason: 'NotFound' })
  },
}

function impersonating(user: string): KubeError {
  return unreachable(`a kubelet knows no impersonation, and would answer as to yourself and not as to ${user}`)
}

/** Whether any node was ever reached at its address. */
interface Network {
  failed: number
  reached: boolean
}

function ownRoutes(access: KubeletAccess, node: KubeletNode, network: Network, signal: AbortSignal): Route[] {
  return [
    overTls(access, node, 'direct', () => dial(node, network)),
    overTls(
      access,
      node,
      'port-forward',
      () => forward(access.kube, node, signal),
      () => node.forwarders(),
    ),
  ]
}

/** Goes the first way that leads to the kubelet, and from then on no other; a refusal is an answer, but another way may have other rights. */
function tryInTurn(node: KubeletNode, routes: readonly Route[], met: readonly KubeError[]): Kubelet {
  const failures = new Map<Route, KubeError>()
  let silent = false
  return {
    async get(path, request) {
      if (silent) throw givenUp(node, path)
      const metNow: KubeError[] = []
      for (const route of routes) {
        if (failures.has(route)) continue
        try {
          return { ...(await route.get(path, request)), way: route.way }
        } catch (error) {
          if (!(error instanceof KubeError)) throw error
          silent ||= error.reason === 'Timeout'
          const isLast = route === routes.at(-1)
          if (isRefusal(error) && !isLast && routes.at(-1)?.way === 'proxy') metNow.push(error)
          else if (leadsNowhere(error)) failures.set(route, error)
          else if (metNow.length > 0 && isNoAnswer(error)) metNow.push(error)
          else throw error
        }
      }
      throw combine(node, [...met, ...metNow, ...failures.values()])
    },
  }
}

/** Whoever once said nothing is not waited for again in this run: a hanging kubelet costs its own time and no more. */
function givenUp({ name }: KubeletNode, path: string): KubeError {
  const message = `${path} was not asked: the kubelet of node ${name} had not answered before.`
  return new KubeError({ message, status: 0, reason: 'Timeout' })
}

function leadsNowhere({ reason }: KubeError): boolean {
  return reason === 'Unreachable' || reason === 'Untrusted'
}

/** Nobody behind the API server's proxy has answered, so that the refusal of another way is all there is. */
function isNoAnswer({ status, reason }: KubeError): boolean {
  return (status >= 502 && status <= 504) || reason === 'Timeout' || reason === 'ConnectionFailed'
}

function isRefusal({ status }: { readonly status: number }): boolean {
  return status === 401 || status === 403
}

/** What each way met; denied only where that is all there is, because whoever reads the ledger then knows what to grant. */
function combine(node: KubeletNode, failures: readonly KubeError[]): KubeError {
  const denied = failures.find(isRefusal) ?? failures.map(({ cause }) => cause).find(isKubeRefusal)
  const words = [...new Set(failures.map(({ message }) => message.replace(/\.$/, '')))].join('; ')
  return new KubeError({
    message: `No way leads to the kubelet of node ${node.name}: ${words}.`,
    status: denied?.status ?? 0,
    reason: denied ? denied.reason : 'Unreachable',
    cause: failures.at(-1),
  })
}

function isKubeRefusal(cause: unknown): cause is KubeError {
  return cause instanceof KubeError && isRefusal(cause)
}

/** `known` is waited for before the kubelet's time begins: who waits for a list does not wait for a kubelet. */
function overTls(
  access: KubeletAccess,
  node: KubeletNode,
  way: KubeletWay,
  open: () => Promise<Duplex>,
  known: () => Promise<unknown> = async () => {},
): Route {
  const origin = `https://localhost:${node.port}`
  const pool = poolOver(origin, async () => {
    const identity = { node: node.name, addresses: [...node.addresses, node.name], ca: await access.ca() }
    return connectTrusted(open, identity, await access.credential())
  })
  return {
    way,
    async get(path, request) {
      await orAbort(known(), request.signal)
      const { authorization } = await access.credential()
      const headers = { ...request.headers, ...(authorization === undefined ? {} : { authorization }) }
      const answer = await askPool(pool, origin, path, { timeout: ANSWER_MS, ...request, headers })
      // Whoever takes any status means what a kubelet says of itself: a refusal is of the way, and another may have other rights.
      if (isRefusal(answer)) throw refused(path, answer)
      return answer
    },
    close: () => pool.destroy(),
  }
}

async function dial(node: KubeletNode, network: Network): Promise<Duplex> {
  const [address] = node.addresses
  if (address === undefined) throw unreachable(`node ${node.name} has no address`)
  if (!network.reached && network.failed >= OUTSIDE) throw unreachable('the nodes cannot be reached from this machine')
  const socket = connectTcp({ host: address, port: node.port })
  // It counts only until the connection is open: what is asked over it may take longer.
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${CONNECT_MS / 1000} s`)), CONNECT_MS)
  try {
    await once(socket, 'connect')
    network.reached = true
    return socket.setNoDelay(true)
  } catch (cause) {
    network.failed++
    const { code, message } = cause as NodeJS.ErrnoException
    throw unreachable(`${address}:${node.port} cannot be reached (${code ?? message})`, cause)
  } finally {
    clearTimeout(timer)
  }
}

async function forward(kube: Api, node: KubeletNode, signal: AbortSignal): Promise<Duplex> {
  const [pod] = await node.forwarders()
  if (!pod)
    throw unreachable(`no running pod has the network of node ${node.name}, so that a port-forward could lead there`)
  try {
    return await forwardPort(kube, { ...pod, port: node.port }, { signal })
  } catch (cause) {
    if (!(cause instanceof KubeError)) throw cause
    throw unreachable(`port-forward into ${pod.namespace}/${pod.pod}: ${cause.message}`, cause)
  }
}

function proxyRoute(kube: Api, node: KubeletNode): Route {
  return {
    way: 'proxy',
    async get(path, request) {
      const { signal, headers, timeout, anyStatus, maxBytes, page } = request
      return kube.get(`/api/v1/nodes/${node.name}/proxy${path}`, {
        signal,
        verb: 'get',
        accept: '*/*',
        ...(headers === undefined ? {} : { headers }),
        ...(page === undefined ? {} : { page }),
        ...(timeout === undefined ? {} : { timeout }),
        ...(anyStatus === undefined ? {} : { anyStatus }),
        ...(maxBytes === undefined ? {} : { maxBytes }),
      })
    },
    close: async () => {},
  }
}
