import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServedResource } from '../../src/bundle/format.ts'
import { listFolder, resourceName } from '../../src/bundle/format.ts'
import type { BundleReader } from '../../src/bundle/reader.ts'
import { kubectl, kubectlRaw } from './cluster/kubectl.ts'
import { type Finished, freezeframe, makeFolder, openOnly, start } from './run.ts'

interface KubeObject {
  metadata: { name: string; namespace?: string; uid: string; resourceVersion: string }
  [field: string]: unknown
}

describe('a capture of the cluster with everything broken at once', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>
  let finished: Finished
  let bundle: BundleReader
  let listable: Listable[]

  beforeAll(async () => {
    folder = await makeFolder()
    listable = await findListable()
    const running = start(['capture', '-o', folder.path, '--progress', 'plain'])
    await kubectl(['delete', 'pod', '-n', 'shop', '-l', 'app=web', '--wait=false'])
    finished = await running.done
    bundle = await openOnly(folder.path)
  })
  afterAll(async () => {
    await bundle?.close()
    await folder?.remove()
  })

  it('is complete, exits 0 and prints the path alone', () => {
    expect(finished.stderr).not.toContain('Missing:')
    expect(finished.code).toBe(0)
    expect(finished.stdout).toMatch(/^\S+\/freezeframe-test-\d{8}T\d{6}Z\.tar\.gz\n$/)
  })

  it('is listed by tar, and every file has the hash of the manifest', () => {
    const archive = join(folder.path, readdirSync(folder.path)[0] ?? '')
    const unpacked = join(folder.path, '..', `unpacked-${process.pid}`)
    execFileSync('mkdir', ['-p', unpacked])
    try {
      execFileSync('tar', ['xzf', archive, '-C', unpacked])
      const top = join(unpacked, readdirSync(unpacked)[0] ?? '')
      const sums = bundle.manifest.files.map((file) => `${file.sha256}  ${file.path}`).join('\n')
      expect(() => execFileSync('sha256sum', ['--check', '--quiet'], { cwd: top, input: `${sums}\n` })).not.toThrow()
    } finally {
      execFileSync('rm', ['-rf', unpacked])
    }
  })

  it('passes verify', async () => {
    const archive = join(folder.path, readdirSync(folder.path)[0] ?? '')
    expect(await freezeframe(['verify', archive])).toMatchObject({ code: 0 })
  })

  it('says of no source that it was empty where it has bytes of it', () => {
    const bytes = new Map(bundle.manifest.files.map((file) => [file.path, file.bytes]))
    const lines = bundle.manifest.ledger.filter(({ status, scope }) => status === 'empty' && scope.path !== undefined)
    expect(lines.filter(({ files }) => files.some((path) => (bytes.get(path) ?? 0) > 0))).toEqual([])
  })

  it('holds every object of every listable resource, field by field, apart from markers and the named omissions', async () => {
    const compared = new Map<string, number>()
    for (const resource of listable) {
      const held = await readList(bundle, resource)
      // The server still knows what it answered: the list of that very resourceVersion is asked for once more.
      const live = await listAt(resource, held.resourceVersion)
      const where = resourceName(resource)
      expect(held.items.map(({ metadata }) => metadata.uid).sort(), where).toEqual(
        live.map(({ metadata }) => metadata.uid).sort(),
      )
      const byUid = new Map(held.items.map((object) => [object.metadata.uid, object]))
      for (const object of live) expectSame(byUid.get(object.metadata.uid), object, `${where} ${object.metadata.name}`)
      compared.set(where, live.length)
    }
    expect([...compared.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(300)
    for (const name of ['orders.example.com', 'pods', 'nodes', 'deployments.apps', 'configmaps', 'events'])
      expect(compared.get(name), name).toBeGreaterThan(0)
  })

  it('holds both logs of a container that restarted, though the one before it never did', async () => {
    const logs = [...bundle.files.keys()].filter((path) => path.startsWith('logs/broken/second-restarts/'))
    const names = logs.map((path) => path.split('/').at(-1)).sort()
    expect(names).toEqual(['restarting.log', 'restarting.previous.log', 'steady.log'])
    expect(await readLog('second-restarts', 'restarting.previous.log')).toContain('first life')
    expect(await readLog('second-restarts', 'restarting.log')).toContain('second life')
  })

  it('holds logs of init, sidecar and ephemeral containers', async () => {
    expect(await readLog('init-failure', 'migrate.log')).toContain('migration 7 failed')
    expect(await readLog('sidecar', 'proxy.log')).toContain('proxying')
    expect(await readLog('debugged', 'debugger.log')).toContain('looking around')
  })

  it('keeps head and tail of 200 MB in one line, with the gap counted, and invalid UTF-8 byte by byte', async () => {
    const long = await readLog('long-line', 'app.log')
    expect(long.length).toBeLessThan(2 * 1024 * 1024)
    expect(long).toMatch(/Z before\n/)
    expect(long).toMatch(/--- freezeframe gap: \d{8,} bytes left out ---/)
    expect(long).toMatch(/Z after\n$/)
    const path = [...bundle.files.keys()].find((one) => one.startsWith('logs/broken/invalid-utf8/')) ?? ''
    expect((await bundle.read(path)).includes(Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0xff, 0xfe]))).toBe(true)
  })

  it('never takes the kubelet\'s "unable to retrieve" for a log', async () => {
    for (const path of bundle.files.keys()) {
      if (path.startsWith('logs/'))
        expect(String(await bundle.read(path))).not.toContain('unable to retrieve container logs')
    }
  })

  it('saw the pods that were deleted while it ran', async () => {
    const changes = [...bundle.files.keys()].filter((path) => path.startsWith('changes/pods/'))
    const lines = (await Promise.all(changes.map((path) => bundle.read(path)))).join('').split('\n').filter(Boolean)
    const seen = lines.map((line) => JSON.parse(line) as { type: string; object: KubeObject })
    expect(
      seen.some(({ object }) => object.metadata.namespace === 'shop' && 'deletionTimestamp' in object.metadata),
    ).toBe(true)
  })

  it('lets no secret of the workloads out, anywhere', async () => {
    const secrets = [
      'correct-horse-battery-9',
      'zz9-plural-z',
      'Sup3rS3cret',
      'not-for-anyones-eyes',
      'never-in-any-bundle',
      'withheld-configmap-value',
    ]
    for (const path of bundle.files.keys()) {
      const body = await bundle.read(path)
      for (const secret of secrets) expect(body.includes(secret), `${secret} in ${path}`).toBe(false)
    }
  })

  it("keeps what causes are read from: hosts, flags, keys of ConfigMaps, the system's ConfigMaps", async () => {
    const pods = String(await bundle.read('cluster/core/v1/pods/_all/0001.json'))
    expect(pods).toContain('"value":"db.shop.svc:5432"')
    const { items: maps } = await readList(bundle, { group: '', version: 'v1', resource: 'configmaps' })
    const settings = maps.find((map) => map.metadata.name === 'settings')
    expect(Object.keys(settings?.data as object)).toEqual(['application.properties', 'mode'])
    expect(JSON.stringify(maps.find((map) => map.metadata.name === 'coredns')?.data)).toContain(
      'forward . /etc/resolv.conf',
    )
  })

  it('says that Secrets were never asked for', () => {
    expect(bundle.manifest.ledger).toContainEqual(
      expect.objectContaining({ scope: { resource: 'secrets' }, status: 'not-asked' }),
    )
    expect([...bundle.files.keys()].filter((path) => path.includes('/secrets/'))).toEqual([])
  })

  it('stores discovery as answered, and who asked', async () => {
    const aggregated = JSON.parse(String(await bundle.read('cluster/discovery/apis.aggregated.json'))) as {
      kind: string
    }
    expect(aggregated.kind).toBe('APIGroupDiscoveryList')
    expect(bundle.files.has('cluster/discovery/apis/apps/v1.json')).toBe(true)
    expect(bundle.manifest.identity.username).toBe('admin')
    expect(bundle.manifest.resources).toContainEqual(
      expect.objectContaining({ resource: 'orders', version: 'v1', alsoServedAs: ['example.com/v1beta1'] }),
    )
  })

  async function readLog(pod: string, name: string): Promise<string> {
    const path = [...bundle.files.keys()].find(
      (one) => one.startsWith(`logs/broken/${pod}/`) && one.endsWith(`/${name}`),
    )
    return path === undefined ? `no ${name}` : String(await bundle.read(path))
  }
})

describe('a capture of one namespace', () => {
  it('brings its objects, cluster-scoped ones and the events of nodes, and nothing of other namespaces', async () => {
    const folder = await makeFolder()
    const { code, stderr } = await freezeframe(['capture', '-n', 'broken', '--logs', 'none', '-o', folder.path])
    const bundle = await openOnly(folder.path)
    expect(code, stderr).toBe(0)
    const paths = [...bundle.files.keys()]
    expect(paths).toContain('cluster/core/v1/pods/broken/0001.json')
    expect(paths).toContain('cluster/core/v1/nodes/_all/0001.json')
    expect(paths).toContain('cluster/core/v1/events/default/involvedObject.kind=Node/0001.json')
    expect(paths.filter((path) => /\/(shop|other|kube-system)\//.test(path))).toEqual([])
    const events = JSON.parse(
      String(await bundle.read('cluster/core/v1/events/default/involvedObject.kind=Node/0001.json')),
    ) as {
      items: { involvedObject: { kind: string } }[]
    }
    expect(new Set(events.items.map((event) => event.involvedObject.kind))).toEqual(new Set(['Node']))
    await bundle.close()
    await folder.remove()
  })
})

type Listable = Pick<ServedResource, 'group' | 'version' | 'resource'> & { readonly root: string }

/** What kubectl would list, asked of the server in its own words; componentstatuses are no objects: each answer is a fresh probe. */
async function findListable(): Promise<Listable[]> {
  const found: Listable[] = []
  const { groups } = await kubectlRaw<{ groups: { name: string; preferredVersion: { version: string } }[] }>('/apis')
  const preferred = groups.map((one) => ({ group: one.name, version: one.preferredVersion.version }))
  for (const { group, version } of [{ group: '', version: 'v1' }, ...preferred]) {
    const root = group === '' ? '/api/v1' : `/apis/${group}/${version}`
    const { resources } = await kubectlRaw<{ resources: { name: string; verbs: string[] }[] }>(root)
    for (const { name, verbs } of resources) {
      if (!verbs.includes('list') || ['secrets', 'componentstatuses'].includes(name) || group === 'events.k8s.io')
        continue
      found.push({ group, version, resource: name, root })
    }
  }
  return found
}

async function listAt({ root, resource }: Listable, resourceVersion: string): Promise<KubeObject[]> {
  const query = `resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`
  return (await kubectlRaw<{ items: KubeObject[] }>(`${root}/${resource}?${query}`)).items
}

async function readList(
  bundle: BundleReader,
  resource: Pick<ServedResource, 'group' | 'version' | 'resource'>,
): Promise<{ resourceVersion: string; items: KubeObject[] }> {
  const folder = listFolder(resource)
  const pages = [...bundle.files.keys()].filter((path) => path.startsWith(`${folder}/`))
  const lists = await Promise.all(
    pages.map(
      async (path) =>
        JSON.parse(String(await bundle.read(path))) as { metadata: { resourceVersion: string }; items: KubeObject[] },
    ),
  )
  return {
    resourceVersion: lists[0]?.metadata.resourceVersion ?? `no page in ${folder}`,
    items: lists.flatMap((list) => list.items),
  }
}

const MARKER = /<redacted:[a-z-]+:[0-9a-f]{16}>/

/** Equal but for strings that hold a marker, JSON in strings compared inside, and the schema of custom resource definitions. */
function expectSame(held: unknown, live: unknown, where: string): void {
  if (typeof held === 'string' && MARKER.test(held)) return
  if (typeof live !== 'object' || live === null) {
    expect(held, where).toEqual(live)
    return
  }
  const omitted = /^customresourcedefinitions.*\.spec\.versions\.\d+$/.test(where) ? ['schema'] : []
  const keys = Object.keys(live).filter((key) => !omitted.includes(key))
  expect(Object.keys((held ?? {}) as object).sort(), where).toEqual(keys.sort())
  for (const key of keys)
    expectSame((held as Record<string, unknown>)[key], (live as Record<string, unknown>)[key], `${where}.${key}`)
}
