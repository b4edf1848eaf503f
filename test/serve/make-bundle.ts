import type { LedgerLine, Manifest } from '../../src/bundle/format.ts'
import { HEAD, makeBundle, saveBundle } from '../bundle/sample.ts'

/** A resource as discovery names it. */
export interface Listed {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
}

export const CORE_PODS: Listed = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
export const CORE_CONFIGMAPS: Listed = { ...CORE_PODS, resource: 'configmaps', kind: 'ConfigMap' }
export const CORE_EVENTS: Listed = { ...CORE_PODS, resource: 'events', kind: 'Event' }
export const GROUPED_EVENTS: Listed = { ...CORE_EVENTS, group: 'events.k8s.io' }

/** A bundle of these files, written by the writer of the capture; its path, gone when the test is over. */
export async function bundleOf(files: readonly Entry[], ledger: readonly LedgerLine[] = []): Promise<string> {
  return saveBundle(await archiveOf(files, ledger))
}

/** The same as bytes. */
export function archiveOf(files: readonly Entry[], ledger: readonly LedgerLine[] = []): Promise<Buffer> {
  const head: Omit<Manifest, 'files' | 'root'> = { ...HEAD, resources: resourcesOf(files), ledger }
  return makeBundle(files, { head })
}

/** A file of a bundle. */
export type Entry = readonly [path: string, body: Buffer | string]

function resourcesOf(files: readonly Entry[]): Manifest['resources'] {
  const documents = files.filter(([path]) => /^cluster\/discovery\/apis?\/.*v\d/.test(path))
  return documents.flatMap(([, body]) => {
    const { groupVersion, resources } = JSON.parse(String(body)) as {
      groupVersion: string
      resources: { name: string; kind: string; namespaced: boolean }[]
    }
    const [version = '', group = ''] = groupVersion.split('/').reverse()
    return resources.map(({ name: resource, kind, namespaced }) => ({
      group,
      version,
      resource,
      kind,
      namespaced,
      alsoServedAs: [],
    }))
  })
}

/** Plain discovery that names these resources, in a spelling of its own. */
export function discoveryOf(resources: readonly Listed[]): Entry[] {
  const byVersion = Map.groupBy(resources, ({ group, version }) => (group === '' ? version : `${group}/${version}`))
  const groups = [...byVersion.keys()].filter((name) => name.includes('/'))
  const named = groups.map((groupVersion) => {
    const [name, version] = groupVersion.split('/')
    return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } }
  })
  return [
    ['cluster/version.json', '{"major": "1",  "minor":"34","gitVersion":"v1.34.4"}\n'],
    ['cluster/discovery/api.json', '{"kind":"APIVersions","versions":["v1"] }\n'],
    ['cluster/discovery/apis.json', JSON.stringify({ kind: 'APIGroupList', apiVersion: 'v1', groups: named })],
    ...[...byVersion].map(([groupVersion, listed]): Entry => {
      const described = listed.map(({ resource, kind, namespaced }) => ({
        name: resource,
        singularName: '',
        namespaced,
        kind,
        verbs: ['get', 'list', 'watch'],
      }))
      const root = groupVersion.includes('/') ? 'apis' : 'api'
      const document = { kind: 'APIResourceList', groupVersion, resources: described }
      return [`cluster/discovery/${root}/${groupVersion}.json`, JSON.stringify(document, null, 1)]
    }),
  ]
}

/** An event about an object of some kind. */
export function eventOf(namespace: string, kind: string): string {
  return `{"metadata":{"name":"${kind}-event","namespace":"${namespace}"},"involvedObject":{"kind":"${kind}"}}`
}

/** List pages with these objects, so many to a page. */
export function pagesOf(
  folder: string,
  head: { readonly kind: string; readonly apiVersion: string },
  items: readonly string[],
  size: number,
): Entry[] {
  const pages: Entry[] = []
  for (let start = 0; start < items.length; start += size) {
    const left = items.length - start - size
    const metadata = { resourceVersion: '4800', ...(left > 0 ? { continue: 'next', remainingItemCount: left } : {}) }
    const path = `${folder}/${String(pages.length + 1).padStart(4, '0')}.json`
    const text = JSON.stringify({ ...head, metadata }).replace(/\}$/, '')
    pages.push([path, `${text},"items":[${items.slice(start, start + size).join(',')}]}\n`])
  }
  return pages
}

/** A pod with a container and an init container that have both been started. */
export function pod(namespace: string, name: string, value = '<redacted:env-value:0123456789abcdef>'): string {
  return JSON.stringify({
    metadata: { name, namespace, uid: `uid-${name}`, resourceVersion: '4700', labels: { app: name } },
    spec: {
      nodeName: 'node1',
      initContainers: [{ name: 'setup', image: 'web:1' }],
      containers: [{ name: 'app', image: 'web:1', env: [{ name: 'TOKEN', value }] }],
    },
    status: {
      phase: 'Running',
      initContainerStatuses: [{ name: 'setup', restartCount: 0, state: { terminated: { exitCode: 0 } } }],
      containerStatuses: [
        { name: 'app', restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } },
      ],
    },
  })
}

/** A log, with the timestamps that a kubelet gives. */
export function lines(words: readonly string[]): string {
  return words.map((word, n) => `2026-01-31T23:59:0${n}.00000000${n}Z ${word}\n`).join('')
}
