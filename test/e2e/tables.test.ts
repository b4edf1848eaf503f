import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type AdditionalPrinterColumn,
  builtInTable,
  customTable,
  defaultTable,
  type KubeObject,
  type Table,
} from '../../src/serve/table/index.ts'
import type { KubeClient } from '../../src/sources/kube/client.ts'
import { connectKube } from '../../src/sources/kube/connect.ts'
import { LEAVING, listManifests, type Manifest, NAMESPACE } from '../serve/table/objects.ts'
import { buildServers } from './cluster/build.ts'
import { KUBECONFIG } from './cluster/cluster.ts'
import { kubectl } from './cluster/kubectl.ts'

const AS_TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'

const manifests = listManifests()

let kube: KubeClient
beforeAll(async () => {
  kube = await connectKube({ kubeconfig: KUBECONFIG, userAgent: 'freezeframe-tables', env: {} })
  await removeObjects()
  await createObjects()
})
afterAll(async () => {
  await removeObjects()
  await kube.close()
})

async function createObjects(): Promise<void> {
  await kubectl(['create', 'namespace', NAMESPACE])
  const isDefinition = (one: Manifest) => one.kind === 'CustomResourceDefinition'
  await apply(manifests.filter(isDefinition))
  await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'])
  await apply(manifests.filter((one) => !isDefinition(one)))
  await apply(
    manifests.filter((one) => one.status),
    '--subresource=status',
  )
  for (const [kind, names] of LEAVING) await kubectl(['delete', kind, ...names, '-n', NAMESPACE, '--wait=false'])
  await kubectl(['certificate', 'approve', `${NAMESPACE}-short`, `${NAMESPACE}-failed`])
  await kubectl(['certificate', 'deny', `${NAMESPACE}-denied`])
}

async function apply(objects: readonly Manifest[], ...options: string[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const args = ['kubectl', `--kubeconfig=${KUBECONFIG}`, 'apply', '--server-side', '--force-conflicts', ...options]
  execFileSync(await buildServers(), [...args, '-f', '-'], { input, stdio: ['pipe', 'ignore', 'inherit'] })
}

/** What these tests make in the cluster; an aborted run may have left it. */
async function removeObjects(): Promise<void> {
  for (const [kind, names] of LEAVING) for (const name of names) await letGo(kind, name)
  const named = manifests.filter((one) => !one.metadata.namespace).map((one) => `${one.kind}/${one.metadata.name}`)
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=60s'])
  await kubectl(['delete', ...named, '--ignore-not-found', '--timeout=60s'])
  await kubectl(['delete', 'events', '-n', 'default', `--field-selector=involvedObject.name=${NAMESPACE}-plain`])
}

async function letGo(kind: string, name: string): Promise<void> {
  const patch = ['--type=merge', '--patch={"metadata":{"finalizers":null}}']
  await kubectl(['patch', kind, name, '-n', NAMESPACE, ...patch]).catch(() => undefined)
}

interface Resource {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly path: string
}

interface Answer<Body> {
  readonly body: Body
  readonly date: number
}

async function ask<Body>(path: string, accept = 'application/json'): Promise<Answer<Body>> {
  const answer = await kube.get(path, { signal: AbortSignal.timeout(30_000), verb: 'list', accept })
  return { body: JSON.parse(answer.body.toString()) as Body, date: Date.parse(answer.serverDate ?? '') }
}

/** Everything that can be listed, in the version that the server prefers: what a capture holds. */
async function listResources(): Promise<Resource[]> {
  const { groups } = (await ask<{ groups: { name: string; preferredVersion: { version: string } }[] }>('/apis')).body
  const paths = groups.map(({ name, preferredVersion: { version } }) => {
    return { group: name, version, path: `/apis/${name}/${version}` }
  })
  const found = [{ group: '', version: 'v1', path: '/api/v1' }, ...paths].map(async ({ path, ...own }) => {
    const { resources } = (await ask<{ resources: { name: string; verbs: string[] }[] }>(path)).body
    return resources
      .filter(({ name, verbs }) => verbs.includes('list') && !name.includes('/'))
      .map(({ name }) => ({ ...own, resource: name, path: `${path}/${name}` }))
  })
  return (await Promise.all(found)).flat()
}

interface Definition {
  readonly spec: {
    readonly versions: readonly { name: string; additionalPrinterColumns?: readonly AdditionalPrinterColumn[] }[]
  }
}

async function tableOf({ group, version, resource }: Resource): Promise<Table> {
  const builtIn = builtInTable({ group, version, resource })
  if (builtIn) return builtIn
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const definition = await ask<Definition>(`${path}/${resource}.${group}`).catch(() => undefined)
  const served = definition?.body.spec.versions.find((one) => one.name === version)
  return served ? customTable(served.additionalPrinterColumns ?? []) : defaultTable
}

interface List {
  readonly metadata: { readonly resourceVersion?: string }
  readonly items: readonly KubeObject[]
}

interface ServerTable {
  readonly columnDefinitions: readonly { readonly name: string }[]
  readonly rows: readonly { readonly cells: readonly unknown[] }[] | null
}

/** Both answers at one moment of the cluster. */
async function listTwice(path: string): Promise<{ list: List; table: Answer<ServerTable> }> {
  const list = (await ask<List>(path)).body
  const version = list.metadata.resourceVersion
  const query = version ? `?resourceVersion=${version}&resourceVersionMatch=Exact` : ''
  return { list, table: await ask<ServerTable>(path + query, AS_TABLE) }
}

/** What differs between our table and the server's, in words. */
async function compare(resource: Resource): Promise<{ rows: number; differences: string[] }> {
  const ours = await tableOf(resource)
  const { list, table } = await listTwice(resource.path)
  const items = ours.compare ? list.items.toSorted(ours.compare) : list.items
  const rows = table.body.rows ?? []
  const differences = items.flatMap((object, index) => {
    return compareRow(object, ours, rows[index]?.cells ?? [], table).map((difference) => {
      return `${resource.path}: ${JSON.stringify((object.metadata as KubeObject).name)}: ${difference}`
    })
  })
  if (JSON.stringify(ours.columns) !== JSON.stringify(table.body.columnDefinitions)) {
    differences.push(
      `${resource.path}: ${JSON.stringify(ours.columns)} is not ${JSON.stringify(table.body.columnDefinitions)}`,
    )
  }
  return { rows: rows.length, differences }
}

/** The server counts ages to a moment within the second of its Date header, or a little before. */
const MOMENTS = [-1000, 0, 999]

function compareRow(object: KubeObject, ours: Table, theirs: readonly unknown[], table: Answer<ServerTable>): string[] {
  const rows = MOMENTS.map((offset) => ours.cells(object, new Date(table.date + offset)))
  const length = Math.max(theirs.length, ...rows.map((row) => row.length))
  return Array.from({ length }, (_, index) => index).flatMap((index) => {
    const cells = rows.map((row) => JSON.stringify(row[index]))
    const cell = JSON.stringify(theirs[index])
    const name = table.body.columnDefinitions[index]?.name ?? `cell ${index}`
    return cells.includes(cell) ? [] : [`${name} is ${cells[1]}, and the server says ${cell}`]
  })
}

describe('tables', () => {
  it('are those of the real API server, for every resource that it serves', async () => {
    const resources = (await listResources()).filter(({ resource }) => resource !== 'componentstatuses')
    const results = await Promise.all(resources.map(compare))
    expect(results.flatMap((one) => one.differences)).toEqual([])
    const untested = resources.filter((_, index) => results[index]?.rows === 0)
    expect(untested.map((one) => one.path)).toEqual([])
    expect(resources.length).toBeGreaterThan(50)
  })
})
