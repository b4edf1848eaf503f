import { setTimeout as sleep } from 'node:timers/promises'
import { CoreV1Api, KubeConfig, makeInformer, type V1PodList } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import type { ReplayOptions } from '../../src/serve/replay.ts'
import { askServed, type ServedBundle, serveBundle } from '../serve/replay-server.ts'
import { kubectl } from './cluster/kubectl.ts'
import { ask } from './replay/ask.ts'
import { type Finished, makeFolder, start } from './run.ts'

const NAMESPACE = 'churn'
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`

interface Pod {
  metadata: { name: string; namespace: string; uid: string; resourceVersion: string; labels: Record<string, string> }
}

interface Change {
  observedAt: string
  type: string
  object: Pod
}

/** A capture during which pods came, changed and went; and what its bundle says of it, read apart from the code under test. */
let folder: Awaited<ReturnType<typeof makeFolder>>
let archive: string
let bundle: BundleReader
let listed: Pod[]
let newer: Change[]
/** When nothing had moved yet; timestamps are of whole seconds. */
let before: Date

beforeAll(async () => {
  await forget()
  await kubectl(['create', 'namespace', NAMESPACE])
  await createPod('steady')
  await sleep(1000)
  before = new Date()
  await sleep(1000)
  folder = await makeFolder()
  await churn(1)
  await churn(2)
  const finished = await churnUntil(start(['capture', '--logs', 'all', '-o', folder.path]).done)
  expect(finished.stdout, finished.stderr).toMatch(/\.tar\.gz\n$/)
  archive = finished.stdout.trim()
  bundle = await openBundle(archive)
  const list = JSON.parse(String(await bundle.read('cluster/core/v1/pods/_all/0001.json')))
  listed = list.items.filter((pod: Pod) => pod.metadata.namespace === NAMESPACE)
  newer = (await readChanges()).filter(
    ({ object }) => Number(object.metadata.resourceVersion) > Number(list.metadata.resourceVersion),
  )
  expect(new Set(newer.map(({ type }) => type))).toEqual(new Set(['ADDED', 'MODIFIED', 'DELETED']))
})
afterAll(async () => {
  await bundle?.close()
  await folder?.remove()
  await forget()
})

const open: ServedBundle[] = []
afterEach(async () => {
  for (const served of open.splice(0)) await served.close()
})

async function serve(options: ReplayOptions & { tls?: boolean } = {}): Promise<ServedBundle> {
  const served = await serveBundle(archive, { tls: true, ...options })
  open.push(served)
  return served
}

async function forget(): Promise<void> {
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found'])
}

/** A pod that no node takes: it changes only when we change it, and is gone at once. */
async function createPod(name: string): Promise<void> {
  const spec = { nodeSelector: { nowhere: 'true' }, containers: [{ name: 'app', image: 'busybox' }] }
  await kubectl(['run', name, '-n', NAMESPACE, '--image=busybox', `--overrides=${JSON.stringify({ spec })}`])
}

async function churnUntil(done: Promise<Finished>): Promise<Finished> {
  let finished: Finished | undefined
  const noticed = done.then((end) => {
    finished = end
  })
  for (let round = 3; !finished; round++) await churn(round)
  await noticed
  return finished
}

/** One pod comes, one changes, and the one of the round before the last goes. */
async function churn(round: number): Promise<void> {
  await createPod(`brief-${round}`)
  await kubectl(['label', 'pod', 'steady', '-n', NAMESPACE, `round=${round}`, '--overwrite'])
  if (round > 2) await kubectl(['delete', 'pod', `brief-${round - 2}`, '-n', NAMESPACE])
}

async function readChanges(): Promise<Change[]> {
  const paths = [...bundle.files.keys()].filter((path) => path.startsWith('changes/pods/'))
  const lines = (await Promise.all(paths.map((path) => bundle.read(path)))).join('').split('\n').filter(Boolean)
  return lines
    .map((line) => JSON.parse(line) as Change)
    .filter(({ type, object }) => type !== 'GAP' && object.metadata.namespace === NAMESPACE)
}

/** `name resourceVersion` of every pod, after the changes up to a moment. */
function stateAfter(changes: readonly Change[]): string[] {
  const pods = new Map(listed.map((pod) => [pod.metadata.name, pod.metadata.resourceVersion]))
  for (const { type, object } of changes) {
    if (type === 'DELETED') pods.delete(object.metadata.name)
    else pods.set(object.metadata.name, object.metadata.resourceVersion)
  }
  return [...pods].map((pod) => pod.join(' ')).sort()
}

function describePods(pods: readonly { metadata?: { name?: string; resourceVersion?: string } }[]): string[] {
  return pods.map(({ metadata }) => `${metadata?.name} ${metadata?.resourceVersion}`).sort()
}

function describeChange({ type, object }: Change): string {
  return `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`
}

describe('a replay of a capture during which pods came and went', () => {
  it('lists them as they were listed', async () => {
    const { text } = await askServed(await serve({ tls: false }), PODS)
    expect(describePods(JSON.parse(text).items)).toEqual(stateAfter([]))
  })

  it('shows to kubectl get -w every change after the list, in order', async () => {
    const { kubeconfig } = await serve()
    const template = '{.type} {.object.metadata.name} {.object.metadata.resourceVersion}{"\\n"}'
    const command = `get pods -n ${NAMESPACE} -w --output-watch-events -o jsonpath='${template}'`
    const { stdout } = await ask(command, kubeconfig, { endAfter: 4000 })
    const state = listed.map(({ metadata }) => `ADDED ${metadata.name} ${metadata.resourceVersion}`)
    expect(stdout.trim().split('\n')).toEqual([...state, ...newer.map(describeChange)])
  })

  it('leaves an informer of client-node with the list and all changes', async () => {
    const { kubeconfig } = await serve()
    const config = new KubeConfig()
    config.loadFromFile(kubeconfig)
    const api = config.makeApiClient(CoreV1Api)
    const list = (): Promise<V1PodList> => api.listNamespacedPod({ namespace: NAMESPACE })
    const informer = makeInformer(config, PODS, list)
    const problems: unknown[] = []
    informer.on('error', (problem) => problems.push(problem))
    await informer.start()
    const expected = stateAfter(newer)
    for (let tries = 0; tries < 100 && describePods(informer.list()).join() !== expected.join(); tries++)
      await sleep(100)
    expect(describePods(informer.list())).toEqual(expected)
    await informer.stop()
    expect(problems).toEqual([])
  })

  it('lets kubectl wait for what happened', async () => {
    const { kubeconfig } = await serve()
    const last = newer.findLast(({ object }) => object.metadata.name === 'steady')?.object.metadata.labels.round
    const round = await ask(
      `wait pod/steady -n ${NAMESPACE} --for=jsonpath={.metadata.labels.round}=${last} --timeout=20s`,
      kubeconfig,
    )
    expect(round).toMatchObject({ code: 0, stderr: '' })
    const gone = newer.find(
      ({ type, object }) => type === 'DELETED' && listed.some((pod) => pod.metadata.uid === object.metadata.uid),
    )
    const deleted = await ask(
      `wait pod/${gone?.object.metadata.name} -n ${NAMESPACE} --for=delete --timeout=20s`,
      kubeconfig,
    )
    expect(deleted).toMatchObject({ code: 0, stderr: '' })
    const rollout = await ask('rollout status deployment/web -n shop --timeout=20s', kubeconfig)
    expect(rollout.stdout).toBe('deployment "web" successfully rolled out\n')
    const never = await ask(`wait pod/steady -n ${NAMESPACE} --for=condition=Ready --timeout=2s`, kubeconfig)
    expect(never.stderr).toContain('timed out waiting for the condition')
  })

  it('plays the changes until lists show the last state', async () => {
    const { kubeconfig } = await serve({ replaySpeed: 20 })
    const count = `get pods -n ${NAMESPACE} -w -o name`
    await ask(count, kubeconfig, { endAfter: 8000 })
    const { stdout } = await ask(`get pods -n ${NAMESPACE} -o json`, kubeconfig)
    expect(describePods(JSON.parse(stdout).items)).toEqual(stateAfter(newer))
  })

  it('shows the state at a moment between two changes', async () => {
    const middle = Math.floor(newer.length / 2)
    const offset = bundle.manifest.window.clockOffsetMs ?? 0
    const times = newer.map(({ observedAt }) => Date.parse(observedAt) + offset)
    const at = new Date(times[middle] ?? 0)
    const { kubeconfig } = await serve({ at })
    const { stdout } = await ask(`get pods -n ${NAMESPACE} -o json`, kubeconfig)
    const then = newer.filter((_, number) => (times[number] ?? 0) <= at.getTime())
    expect(describePods(JSON.parse(stdout).items)).toEqual(stateAfter(then))
  })

  it('shows at a moment before all of it only what was there already', async () => {
    const { kubeconfig } = await serve({ at: before })
    const { stdout } = await ask(`get pods -n ${NAMESPACE} -o json`, kubeconfig)
    const { items } = JSON.parse(stdout)
    expect(items.map(({ metadata }: Pod) => metadata.name)).toEqual(['steady'])
    expect(items[0].metadata.annotations['freezeframe.internal/at']).toMatch(/; written since by .*kubectl-label at 2/)
  })
})
