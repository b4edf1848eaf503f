import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Pool } from 'undici'
import { cacheFolder } from '../e2e/cluster/build.ts'
import { type ControlPlane, startControlPlane } from '../e2e/cluster/control-plane.ts'
import { eventOf, namespaceOf, nodeOf, podOf, podStatusOf } from './objects.ts'

/** How many objects of each kind. */
export interface Size {
  readonly pods: number
  readonly events: number
  readonly nodes: number
  readonly namespaces: number
}

/** Requests at a time while filling: enough to keep two cores of API server busy. */
const WRITERS = 48

/**
 * No controllers run, so no namespace has a service account; events must outlive the cache they are kept in, and filling must not be
 * throttled. What is measured later runs with the server's own limits.
 */
const LOAD_FLAGS = [
  '--disable-admission-plugins=ServiceAccount',
  '--event-ttl=87600h',
  '--max-requests-inflight=0',
  '--max-mutating-requests-inflight=0',
  '--enable-priority-and-fairness=false',
]

/**
 * Starts a real API server that holds so many objects, in `workDir`. The first time they are written straight through the API (some
 * minutes); etcd's files are then kept in the cache and copied.
 */
export async function startLoaded(size: Size, workDir: string): Promise<ControlPlane> {
  const kept = join(cacheFolder(), `bench-${await fingerprint(size)}`)
  if (!(await exists(kept))) await fill(size, kept)
  await cp(kept, join(workDir, 'etcd'), { recursive: true })
  return startControlPlane({ workDir })
}

async function fill(size: Size, kept: string): Promise<void> {
  console.error(`Writing ${size.pods} pods, ${size.events} events and ${size.nodes} nodes (some minutes, once) …`)
  await mkdir(cacheFolder(), { recursive: true })
  const folder = await mkdtemp(join(cacheFolder(), 'filling-'))
  try {
    const plane = await startControlPlane({ workDir: folder, flags: LOAD_FLAGS })
    try {
      await writeObjects(plane, size)
    } finally {
      await plane.stop()
    }
    await rename(join(folder, 'etcd'), kept)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeObjects(plane: ControlPlane, size: Size): Promise<void> {
  const pki = join(plane.workDir, 'pki')
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map((name) => readFile(join(pki, name))),
  )
  const pool = new Pool(plane.server, {
    connections: WRITERS,
    connect: { ...(ca && cert && key ? { ca, cert, key } : {}) },
  })
  const send = async (method: 'POST' | 'PATCH', path: string, body: unknown) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const response = await pool.request({
      method,
      path,
      body: JSON.stringify(body),
      headers: { 'content-type': type },
    })
    const answer = await response.body.text()
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${answer.slice(0, 300)}`)
  }
  try {
    await eachOf(size.namespaces, (n) => send('POST', '/api/v1/namespaces', namespaceOf(n)))
    await eachOf(size.nodes, (n) => send('POST', '/api/v1/nodes', nodeOf(n)))
    await eachOf(size.pods, async (n) => {
      const pod = podOf(n, size)
      const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods`
      await send('POST', path, pod)
      await send('PATCH', `${path}/${pod.metadata.name}/status`, podStatusOf(n))
    })
    await eachOf(size.events, async (n) => {
      const event = eventOf(n, size)
      await send('POST', `/api/v1/namespaces/${event.metadata.namespace}/events`, event)
    })
  } finally {
    await pool.close()
  }
}

async function eachOf(count: number, write: (n: number) => Promise<void>): Promise<void> {
  let next = 0
  const writer = async () => {
    while (next < count) await write(next++)
  }
  await Promise.all(Array.from({ length: Math.min(WRITERS, count) }, writer))
}

/** Other objects or other sizes are another cluster. */
async function fingerprint(size: Size): Promise<string> {
  const objects = await readFile(join(import.meta.dirname, 'objects.ts'))
  return createHash('sha256').update(objects).update(JSON.stringify(size)).digest('hex').slice(0, 12)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
