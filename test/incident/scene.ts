import type { LedgerLine, Manifest, ManifestFile } from '../../src/bundle/format.ts'
import { sha256 } from '../../src/bundle/integrity.ts'
import type { BundleReader } from '../../src/bundle/reader.ts'
import { type Incident, readIncident } from '../../src/incident/incident.ts'
import { HEAD } from '../bundle/sample.ts'

/** An object of Kubernetes as one writes it down. */
export type Thing = { readonly apiVersion: string; readonly kind: string } & Readonly<Record<string, unknown>>

/** A cluster in a few lines: what a capture would have brought home. */
export interface Scene {
  readonly objects: readonly Thing[]
  /** By `namespace/pod/container`, `.previous` behind it for the instance before; lines as the kubelet gives them. */
  readonly logs?: Readonly<Record<string, string>>
  /** Resources, `events` or `deployments.apps`, and `logs`, that were denied: nothing of them is in the bundle. */
  readonly denied?: readonly string[]
  /** Other files, `apiserver/metrics.txt`. */
  readonly files?: Readonly<Record<string, string>>
  /** The ledger's lines of nodes; without them, one line for every file of a node says that it is there. */
  readonly asked?: readonly LedgerLine[]
  /** The HTTP status of files that were not answered with 200. */
  readonly statuses?: Readonly<Record<string, number>>
  /** The end of the capture; NOW unless given. */
  readonly now?: string
}

/** The moment at which every scene is captured, unless it says another. */
export const NOW = '2026-02-01T12:00:00Z'

/** So many seconds before NOW, as Kubernetes writes it. */
export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** A line of a log so often, evenly from one moment before NOW to another, in seconds. */
export function repeated(line: string, times: number, from: number, to: number): string {
  const step = (from - to) / Math.max(1, times - 1)
  return Array.from({ length: times }, (_, index) => `${ago(Math.round(from - index * step))} ${line}\n`).join('')
}

/** Reads a scene as analysis reads a bundle. */
export function incidentOf(scene: Scene): Promise<Incident> {
  return readIncident(bundleOf(scene))
}

/** A bundle in memory. Every standard resource was asked for: what the scene does not hold is empty, not unknown. */
export function bundleOf(scene: Scene): BundleReader {
  const denied = new Set(scene.denied ?? [])
  const files = new Map<string, Buffer>()
  for (const [resource, objects] of Map.groupBy(scene.objects, resourceOf)) {
    if (denied.has(resource)) continue
    const { apiVersion, kind } = objects[0] as Thing
    const list = { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: '1' }, items: objects }
    files.set(pagePath(resource, apiVersion), Buffer.from(JSON.stringify(list)))
  }
  for (const [place, text] of Object.entries(denied.has('logs') ? {} : (scene.logs ?? {}))) {
    const [namespace, pod, container] = place.split('/')
    files.set(`logs/${namespace}/${pod}/uid-${pod}/${container}.log`, Buffer.from(text))
  }
  for (const [path, text] of Object.entries(scene.files ?? {})) files.set(path, Buffer.from(text))
  const manifest = manifestOf(scene, files, denied)
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)))
  return readerOf(files, manifest)
}

function readerOf(files: ReadonlyMap<string, Buffer>, manifest: Manifest): BundleReader {
  const bodyOf = (path: string): Buffer => {
    const body = files.get(path)
    if (!body) throw new Error(`no ${path}`)
    return body
  }
  return {
    manifest,
    isRebuilt: false,
    truncated: undefined,
    warnings: [],
    files: new Map([...files].map(([path, body]) => [path, body.length])),
    read: async (path) => bodyOf(path),
    readRange: async (path, offset, length) => bodyOf(path).subarray(offset, offset + length),
    async *stream(path, offset = 0) {
      yield bodyOf(path).subarray(offset)
    },
    checkStructure: async () => [],
    close: async () => {},
  }
}

function manifestOf(scene: Scene, files: ReadonlyMap<string, Buffer>, denied: ReadonlySet<string>): Manifest {
  const end = scene.now ?? NOW
  const lines = [...new Set([...STANDARD, ...scene.objects.map(resourceOf)])].map((resource): LedgerLine => {
    const paths = [...files.keys()].filter(
      (path) => path.startsWith(`cluster/`) && path.split('/').at(-3) === resource.split('.')[0],
    )
    const isDenied = denied.has(resource)
    const status = isDenied ? 'denied' : paths.length > 0 ? 'complete' : 'empty'
    const reason = isDenied ? { reason: `the identity "ops" lacks list ${resource}` } : {}
    return { collector: 'objects', scope: { resource }, status, ...reason, requests: 1, bytes: 1, files: paths }
  })
  const logs = [...files.keys()]
    .filter((path) => path.startsWith('logs/'))
    .map((path): LedgerLine => {
      const [, namespace = '', name = '', , file = ''] = path.split('/')
      const previous = file.endsWith('.previous.log') ? { previous: true } : {}
      const container = file.replace(/(\.previous)?\.log$/, '')
      return {
        collector: 'logs',
        scope: { resource: 'pods/log', namespace, name, container, ...previous },
        status: 'complete',
        requests: 1,
        bytes: 1,
        files: [path],
      }
    })
  return {
    ...HEAD,
    window: {
      start: new Date(Date.parse(end) - 60_000).toISOString(),
      end: new Date(Date.parse(end)).toISOString(),
      clockOffsetMs: 0,
    },
    ledger: [...lines, ...logs, ...(scene.asked ?? [...files.keys()].flatMap(lineOfNodeFile))],
    files: [...files].flatMap(([path, body]) => fileOfNode(path, body, scene.statuses?.[path])),
    root: '0'.repeat(64),
  }
}

/** So long after the first sample the second was taken, in a scene. */
export const INTERVAL_SECONDS = 30

function partsOfNodeFile(path: string): { node: string; sample: string; collector: string } | undefined {
  const [, node = '', sample = '', collector = ''] = /^nodes\/([^/]+)\/([^/]+)\/([^/]+)\//.exec(path) ?? []
  return node === '' ? undefined : { node, sample, collector }
}

function lineOfNodeFile(path: string): LedgerLine[] {
  const parts = partsOfNodeFile(path)
  if (!parts) return []
  const { node, sample, collector } = parts
  const scope = {
    node,
    path: `/${path.split('/').at(-1)}`,
    ...(sample === 'once' ? {} : { sample: Number(sample) as 0 | 1 }),
  }
  return [{ collector, scope, status: 'complete', requests: 1, bytes: 1, files: [path] }]
}

function fileOfNode(path: string, body: Buffer, status = 200): ManifestFile[] {
  const [, sample, collector] = SAMPLED.exec(path) ?? []
  if (collector === undefined) return []
  const monotonicMs = 1000 + (sample === '1' ? INTERVAL_SECONDS * 1000 : 0)
  const obtained = { request: `GET ${path}`, status, at: NOW, way: 'direct', monotonicMs }
  return [{ path, bytes: body.length, sha256: sha256(body), obtained, collector }]
}

/** A file of a node, or of a pod whose port was asked. */
const SAMPLED = /^(?:nodes\/[^/]+|components\/[^/]+\/[^/]+)\/([^/]+)\/([^/]+)\//

function pagePath(resource: string, apiVersion: string): string {
  const [name = '', ...group] = resource.split('.')
  return `cluster/${group.join('.') || 'core'}/${apiVersion.split('/').at(-1)}/${name}/_all/0001.json`
}

/** `deployments.apps`, as the ledger names it. */
export function resourceOf({ apiVersion, kind }: Thing): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''
  const plural =
    IRREGULAR[kind] ??
    (/Chaos$/.test(kind)
      ? kind
      : /(s|x|ch)$/.test(kind)
        ? `${kind}es`
        : kind.endsWith('y')
          ? `${kind.slice(0, -1)}ies`
          : `${kind}s`)
  return `${plural.toLowerCase()}${group}`
}

const IRREGULAR: Readonly<Record<string, string>> = { Endpoints: 'Endpoints', Gateway: 'Gateways' }

const STANDARD = [
  ...[
    'pods',
    'nodes',
    'events',
    'namespaces',
    'services',
    'configmaps',
    'secrets',
    'serviceaccounts',
    'persistentvolumes',
  ],
  ...['persistentvolumeclaims', 'resourcequotas', 'limitranges', 'endpoints', 'replicationcontrollers'],
  ...['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'daemonsets.apps', 'jobs.batch', 'cronjobs.batch'],
  ...['horizontalpodautoscalers.autoscaling', 'poddisruptionbudgets.policy', 'endpointslices.discovery.k8s.io'],
  ...['ingresses.networking.k8s.io', 'networkpolicies.networking.k8s.io', 'leases.coordination.k8s.io'],
  ...[
    'storageclasses.storage.k8s.io',
    'volumeattachments.storage.k8s.io',
    'csinodes.storage.k8s.io',
    'csidrivers.storage.k8s.io',
  ],
  ...['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].map(
    (one) => `${one}.admissionregistration.k8s.io`,
  ),
  ...[
    'apiservices.apiregistration.k8s.io',
    'customresourcedefinitions.apiextensions.k8s.io',
    'priorityclasses.scheduling.k8s.io',
  ],
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map((one) => `${one}.rbac.authorization.k8s.io`),
]
