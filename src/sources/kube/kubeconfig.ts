import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { FreezeframeError } from '../../error.ts'
import { describeBadCluster, describeBadUser } from './kubeconfig-shape.ts'

/** One entry of `clusters`, as kubectl writes it; paths are made absolute against the file that they stand in. */
export interface ClusterEntry {
  server: string
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'insecure-skip-tls-verify'?: boolean
  'tls-server-name'?: string
  'proxy-url'?: string
  extensions?: { name: string; extension?: unknown }[]
}

/** One entry of `users`. */
export interface UserEntry {
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  exec?: ExecEntry
  'auth-provider'?: { name: string; config?: Record<string, string> }
  as?: string
  'as-uid'?: string
  'as-groups'?: string[]
  'as-user-extra'?: Record<string, string[]>
}

/** A credential plugin, client.authentication.k8s.io. */
export interface ExecEntry {
  apiVersion?: string
  command: string
  args?: string[] | null
  env?: { name: string; value: string }[] | null
  installHint?: string
  provideClusterInfo?: boolean
  interactiveMode?: string
}

/** What a kubeconfig says about one context. */
export interface Connection {
  /** Null inside a cluster, where there is no kubeconfig. */
  readonly context: string | null
  readonly clusterName: string
  readonly namespace: string | undefined
  readonly cluster: ClusterEntry
  readonly user: UserEntry
}

type Environment = Readonly<Record<string, string | undefined>>

/** Where the kubelet mounts a pod's credentials, kubernetes.io/docs "Accessing the API from within a Pod". */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Finds the connection as kubectl does: `--kubeconfig`, else the files of KUBECONFIG merged (the first to name a thing wins), else
 * `~/.kube/config`, else the service account of the pod. Throws KUBECONFIG_MISSING, KUBECONFIG_INVALID or CONTEXT_UNKNOWN.
 *
 * Read here and not by client-node, whose reader drops `as-groups` and `tokenFile` and refuses merged files that repeat a name.
 */
export async function loadConnection(options: {
  kubeconfig?: string | undefined
  context?: string | undefined
  env: Environment
  /** Folder of the pod's credentials, where it is not the usual one. */
  serviceAccount?: string
}): Promise<Connection> {
  const paths = kubeconfigPaths(options.kubeconfig, options.env)
  const files = (await Promise.all(paths.map(readKubeconfig))).filter((file) => file !== undefined)
  if (files.length > 0) return selectContext(files, options.context, paths)
  const named = options.kubeconfig !== undefined || options.context !== undefined
  const inCluster = named ? undefined : await loadInCluster(options.env, options.serviceAccount ?? SERVICE_ACCOUNT)
  if (inCluster) return inCluster
  throw new FreezeframeError('KUBECONFIG_MISSING', `There is no kubeconfig: looked at ${paths.join(', ')}.`, {
    remedy: 'Name one with --kubeconfig or KUBECONFIG; inside a pod the service account is used.',
  })
}

function kubeconfigPaths(explicit: string | undefined, env: Environment): string[] {
  if (explicit !== undefined) return [explicit]
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(Boolean)
  return listed.length > 0 ? listed : [join(env.HOME ?? homedir(), '.kube', 'config')]
}

interface Kubeconfig {
  clusters: Map<string, ClusterEntry>
  users: Map<string, UserEntry>
  contexts: Map<string, { cluster?: string; user?: string; namespace?: string }>
  currentContext: string | undefined
}

async function readKubeconfig(path: string): Promise<Kubeconfig | undefined> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    if (cause.code === 'ENOENT') return undefined
    throw invalid(path, `it cannot be read (${cause.code ?? cause.message})`, cause)
  })
  return text === undefined ? undefined : parseKubeconfig(path, text)
}

async function parseKubeconfig(path: string, text: string): Promise<Kubeconfig> {
  const { load } = await import('js-yaml')
  let parsed: unknown
  try {
    parsed = load(text) ?? {}
  } catch (cause) {
    throw invalid(path, 'it is not YAML', cause)
  }
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw invalid(path, 'it is not a kubeconfig')
  const document = parsed as Record<string, unknown>
  const current = document['current-context']
  return {
    clusters: named(path, document, 'clusters', 'cluster', (entry: ClusterEntry) =>
      absolute(entry, path, ['certificate-authority']),
    ),
    users: named(path, document, 'users', 'user', (entry: UserEntry) => resolveUser(entry, path)),
    contexts: named(
      path,
      document,
      'contexts',
      'context',
      (entry: { cluster?: string; user?: string; namespace?: string }) => entry,
    ),
    currentContext: typeof current === 'string' && current !== '' ? current : undefined,
  }
}

function named<T extends object>(
  path: string,
  document: Record<string, unknown>,
  list: string,
  field: string,
  finish: (entry: T) => T,
): Map<string, T> {
  const entries = document[list] ?? []
  if (!Array.isArray(entries)) throw invalid(path, `"${list}" is not a list`)
  const found = new Map<string, T>()
  for (const entry of entries as Record<string, unknown>[]) {
    if (typeof entry?.name !== 'string') throw invalid(path, `an entry of "${list}" has no name`)
    const fields = entry[field] ?? {}
    if (typeof fields !== 'object') throw invalid(path, `the ${field} "${entry.name}" is not a mapping`)
    if (!found.has(entry.name)) found.set(entry.name, finish(fields as T))
  }
  return found
}

function absolute<T extends object>(entry: T, path: string, fields: (keyof T)[]): T {
  const resolved = { ...entry }
  for (const field of fields) {
    const value = resolved[field]
    if (typeof value === 'string' && value !== '' && !isAbsolute(value)) {
      resolved[field] = resolve(dirname(path), value) as T[keyof T]
    }
  }
  return resolved
}

/** A plugin named by a relative path with a slash is looked for beside the kubeconfig, a bare name on the PATH (client-go, rest/exec). */
function resolveUser(entry: UserEntry, path: string): UserEntry {
  const user = absolute(entry, path, ['client-certificate', 'client-key', 'tokenFile'])
  const { exec } = user
  if (typeof exec?.command !== 'string' || !exec.command.includes('/')) return user
  return { ...user, exec: absolute(exec, path, ['command']) }
}

function selectContext(files: readonly Kubeconfig[], wanted: string | undefined, paths: readonly string[]): Connection {
  const find = <T>(pick: (file: Kubeconfig) => T | undefined): T | undefined => {
    for (const file of files) {
      const found = pick(file)
      if (found !== undefined) return found
    }
    return undefined
  }
  const name = wanted ?? find((file) => file.currentContext)
  const known = [...new Set(files.flatMap((file) => [...file.contexts.keys()]))]
  if (name === undefined) throw noContext(paths, known)
  const context = find((file) => file.contexts.get(name))
  if (!context) throw unknownContext(name, known)
  const clusterName = context.cluster ?? ''
  const cluster = find((file) => file.clusters.get(clusterName))
  if (!cluster?.server)
    throw invalid(paths.join(', '), `context "${name}" names cluster "${clusterName}", which has no server`)
  const user = context.user ? find((file) => file.users.get(context.user ?? '')) : {}
  if (!user) throw invalid(paths.join(', '), `context "${name}" names user "${context.user}", which is not there`)
  const bad = describeBadCluster(cluster) ?? describeBadUser(user)
  if (bad !== undefined) throw invalid(paths.join(', '), `in context "${name}", ${bad}`)
  const server = serverUrl(cluster)
  if (server === undefined)
    throw invalid(paths.join(', '), `the server "${cluster.server}" of cluster "${clusterName}" is not a URL`)
  return { context: name, clusterName, namespace: context.namespace, cluster: { ...cluster, server }, user }
}

/** The server as a URL; without a scheme it is https where the cluster has TLS settings (client-go, rest/url_utils.go DefaultServerURL). */
function serverUrl(cluster: ClusterEntry): string | undefined {
  const tls = TLS_FIELDS.some((field) => cluster[field])
  const url = cluster.server.includes('://') ? cluster.server : `${tls ? 'https' : 'http'}://${cluster.server}`
  return /^https?:/i.test(url) && URL.canParse(url) ? url : undefined
}

const TLS_FIELDS = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'] as const

async function loadInCluster(env: Environment, folder: string): Promise<Connection | undefined> {
  const host = env.KUBERNETES_SERVICE_HOST
  const tokenFile = join(folder, 'token')
  if (!host || !(await stat(tokenFile).catch(() => undefined))) return undefined
  const address = host.includes(':') ? `[${host}]` : host
  return {
    context: null,
    clusterName: 'in-cluster',
    namespace: await readFile(join(folder, 'namespace'), 'utf8').catch(() => undefined),
    cluster: {
      server: `https://${address}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`,
      'certificate-authority': join(folder, 'ca.crt'),
    },
    user: { tokenFile },
  }
}

function noContext(paths: readonly string[], known: readonly string[]): FreezeframeError {
  return new FreezeframeError('CONTEXT_UNKNOWN', `${paths.join(', ')} has no current context.`, {
    remedy: `Choose one with --context: ${known.join(', ') || 'there is none'}.`,
  })
}

function unknownContext(name: string, known: readonly string[]): FreezeframeError {
  return new FreezeframeError('CONTEXT_UNKNOWN', `There is no context "${name}".`, {
    remedy: `Contexts: ${known.join(', ') || 'none'}.`,
  })
}

function invalid(path: string, why: string, cause?: unknown): FreezeframeError {
  return new FreezeframeError('KUBECONFIG_INVALID', `Cannot use kubeconfig ${path}: ${why}.`, {
    remedy: 'Check it with `kubectl config view`.',
    cause,
  })
}
