import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listFolder } from '../../src/bundle/format.ts'
import type { BundleReader } from '../../src/bundle/reader.ts'
import { convertEvent } from '../../src/serve/event-versions.ts'
import { openLog } from '../../src/serve/logs/log.ts'
import { parseLogQuery } from '../../src/serve/logs/query.ts'
import { Refusal } from '../../src/serve/refusal.ts'
import { answerReview, type Review } from '../../src/serve/reviews.ts'
import type { KubeClient, KubeResponse } from '../../src/sources/kube/client.ts'
import { connectKube } from '../../src/sources/kube/connect.ts'
import { KUBECONFIG } from './cluster/cluster.ts'
import { kubectl } from './cluster/kubectl.ts'
import { freezeframe, makeFolder, openOnly } from './run.ts'

type KubeEvent = Readonly<Record<string, unknown>>

interface Pod {
  metadata: { namespace: string; name: string; uid: string }
}

/** The parts of an answer that a client acts upon. */
type Answer = { text: string } | { code: number; reason: string; message: string; details?: unknown }

/** Says what logs find hard: long and empty lines, CRLF, both streams, pauses, and an end without a newline. */
const TALKATIVE = `
  head -c 50000 /dev/zero | tr "\\0" x; echo
  for part in 1 2 3; do
    for n in $(seq 1 100); do echo "part $part line $n"; echo; echo "error $n" >&2; printf "crlf\\r\\n"; done
    printf "caf\\351 \\377\\n"
    sleep 2
  done
  printf "no newline"`

const TALKATIVE_POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'talkative', namespace: 'broken' },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    containers: [{ name: 'app', image: 'docker.io/library/busybox:1.36', command: ['sh', '-c', TALKATIVE] }],
  },
}

let folder: Awaited<ReturnType<typeof makeFolder>>
let bundle: BundleReader
let kube: KubeClient
let pods: Pod[]

beforeAll(async () => {
  folder = await makeFolder()
  kube = await connect()
  await forgetTalkative()
  await apply(TALKATIVE_POD)
  await kubectl(['wait', 'pod/talkative', '-n', 'broken', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s'])
  await freezeframe(['capture', '-o', folder.path, '--logs', 'all'])
  bundle = await openOnly(folder.path)
  const page = `${listFolder({ group: '', version: 'v1', resource: 'pods' })}/0001.json`
  pods = (JSON.parse(String(await bundle.read(page))) as { items: Pod[] }).items
})
afterAll(async () => {
  await kube?.close()
  await bundle?.close()
  await folder?.remove()
  await forgetTalkative()
})

describe('a log as the kubelet answers it', () => {
  it('is the same, query by query, wherever it has not changed since', async () => {
    const compared: string[] = []
    for (const log of capturedLogs()) {
      const body = await bundle.read(log.path)
      if (!(await askServer(log, 'timestamps=true')).body.equals(body)) continue
      const differing: unknown[] = []
      for (const query of queriesFor(body)) {
        const [theirs, ours] = [await askServer(log, query), await askBundle(log, query)]
        if (theirs.body.toString('latin1') !== ours) differing.push({ query, theirs: String(theirs.body), ours })
      }
      if (!(await askServer(log, 'timestamps=true')).body.equals(body)) continue
      expect(differing, log.path).toEqual([])
      compared.push(log.path.split('/').slice(2).join('/'))
    }
    expect(compared.length).toBeGreaterThan(8)
    for (const name of ['talkative', 'completed', 'invalid-utf8', 'sidecar', 'debugged'])
      expect(compared.join(), name).toContain(`${name}/`)
    expect(compared.join()).toContain('.previous.log')
  })

  it('ends alike where its middle is missing', async () => {
    const log = capturedLogs().find(({ path }) => path.includes('/long-line/'))
    if (!log) throw new Error('the log of long-line was not captured')
    expect(await askBundle(log, 'tailLines=1')).toBe('after\n')
    expect(String((await askServer(log, 'tailLines=1')).body)).toBe('after\n')
    expect(await askBundle(log, '')).toMatch(/^before\nx+\n--- freezeframe gap: \d+ bytes left out ---\nx+\nafter\n$/)
  })

  it.each([
    ['completed', 'previous=true'],
    ['completed', 'container=nope'],
    ['second-restarts', ''],
    ['sidecar', 'container='],
    ['debugged', 'container=debugger&previous=1'],
    ['init-failure', 'container=app'],
    ['unschedulable', ''],
    ['completed', 'follow=true&tailLines=%2B1'],
    ['completed', 'tailLines=1&tailLines=abc'],
    ['completed', 'sinceTime='],
    ['completed', 'sinceTime=2026-01-01T1:02:03,5Z'],
    ['completed', 'tailLines=-1'],
    ['completed', 'tailLines=abc'],
    ['completed', 'tailLines=a%22b%C3%A9'],
    ['completed', 'tailLines='],
    ['completed', 'tailLines=%201'],
    ['completed', 'limitBytes=99999999999999999999'],
    ['completed', 'limitBytes=0&tailLines=-5&stream=All'],
    ['completed', 'sinceSeconds=0'],
    ['completed', 'sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z'],
    ['completed', 'sinceSeconds=x&sinceTime=abc&tailLines=y'],
    ['completed', 'sinceTime=abc'],
    ['completed', 'sinceTime=2026-1-01T00:00:00Z'],
    ['completed', 'sinceTime=2026-01-01'],
    ['completed', 'sinceTime=2026-01-01t00:00:00z'],
    ['completed', 'sinceTime=2026-00-01T00:00:00Z'],
    ['completed', 'sinceTime=2026-02-29T00:00:00Z'],
    ['completed', 'sinceTime=2026-02-00T00:00:00Z'],
    ['completed', 'sinceTime=2024-02-29T24:00:00Z'],
    ['completed', 'sinceTime=2024-02-29T23:60:00Z'],
    ['completed', 'sinceTime=2024-02-29T23:59:60Z'],
    ['completed', 'sinceTime=2024-02-29T23:59:59.Z'],
    ['completed', 'sinceTime=2024-02-29T23:59:59'],
    ['completed', 'sinceTime=2024-02-29T23:59:59%2B0100'],
    ['completed', 'sinceTime=2024-02-29T23:59:59%2B24:60'],
    ['completed', 'sinceTime=2024-02-29T23:59:59%2B25:00'],
    ['completed', 'sinceTime=2024-02-29T23:59:59%2B01:61'],
    ['completed', 'sinceTime=2024-02-29T23:59:59Z01'],
    ['completed', 'sinceTime=2024-02-30T23:59:59Z01'],
    ['completed', 'stream=Stdout'],
  ])('is refused, or not, in the same words: %s?%s', async (name, query) => {
    const log = { pod: findPod(name), rest: '' }
    const ours = await askBundle(log, query).then(
      (text): Answer => ({ text }),
      ({ code, reason, message, details }: Refusal): Answer => ({ code, reason, message, details }),
    )
    expect(ours).toEqual(readAnswer(await askServer(log, query)))
  })

  // Whether the kubelet still knows the container of an evicted pod is a race that it runs with itself.
  it('of a removed container is refused, also where the kubelet passes an excuse for a log', async () => {
    const log = { pod: findPod('evicted'), rest: '' }
    const theirs = readAnswer(await askServer(log, ''))
    const ours = await askBundle(log, '').catch(
      ({ code, reason, message, details }: Refusal): Answer => ({ code, reason, message, details }),
    )
    if (!('text' in theirs)) return expect(ours).toEqual(theirs)
    expect(ours).toMatchObject({
      code: 404,
      message: expect.stringMatching(/^not in this bundle: .*gone: the kubelet answered: unable to retrieve/),
    })
  })
})

describe('an event', () => {
  it('is shown by both groups as the server shows it', async () => {
    const core = byVersion(await items('/api/v1/events'))
    const events = byVersion(await items('/apis/events.k8s.io/v1/events'))
    const both = [...core.keys()].filter((key) => events.has(key))
    for (const key of both) {
      expect(JSON.stringify(convertEvent(core.get(key), 'events.k8s.io/v1'))).toBe(JSON.stringify(events.get(key)))
      expect(JSON.stringify(convertEvent(events.get(key), 'v1'))).toBe(JSON.stringify(core.get(key)))
    }
    expect(both.length).toBeGreaterThan(30)
  })

  it('says its group where it stands alone', async () => {
    const [name] = [...byVersion(await items('/api/v1/namespaces/broken/events')).values()].map(
      (event) => (event.metadata as { name: string }).name,
    )
    const core = await parse(`/api/v1/namespaces/broken/events/${name}`)
    const events = await parse(`/apis/events.k8s.io/v1/namespaces/broken/events/${name}`)
    expect([
      JSON.stringify(convertEvent(core, 'events.k8s.io/v1')),
      JSON.stringify(convertEvent(events, 'v1')),
    ]).toEqual([JSON.stringify(events), JSON.stringify(core)])
  })

  async function items(path: string): Promise<KubeEvent[]> {
    return ((await parse(path)) as { items: KubeEvent[] }).items
  }

  async function parse(path: string): Promise<KubeEvent> {
    return JSON.parse(String((await get(path)).body)) as KubeEvent
  }

  /** Events repeat, and change, while they are listed. */
  function byVersion(events: KubeEvent[]): Map<string, KubeEvent> {
    return new Map(events.map((event) => [JSON.stringify(event.metadata), event]))
  }
})

describe('what the identity may do', () => {
  const ACCESS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const RULES = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
  const SELF = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const VIEWER = 'replay-viewer'
  let viewer: KubeClient
  let captured: Awaited<ReturnType<typeof makeFolder>>
  let reviews: Review[]

  beforeAll(async () => {
    captured = await makeFolder()
    await forget()
    await kubectl(['create', 'rolebinding', VIEWER, '-n', 'broken', '--clusterrole=edit', `--user=${VIEWER}`])
    const role = ['--verb=list', '--verb=get', '--resource=nodes', '--resource=pods/log']
    await kubectl(['create', 'clusterrole', VIEWER, ...role])
    await kubectl(['create', 'clusterrolebinding', VIEWER, `--clusterrole=${VIEWER}`, `--user=${VIEWER}`])
    viewer = await connect(VIEWER)
    await freezeframe(['capture', '-o', captured.path, '--as', VIEWER, '-n', 'broken', '--only', 'pods,nodes,logs'])
    const own = await openOnly(captured.path)
    reviews = JSON.parse(String(await own.read('run/identity.json'))) as Review[]
    await own.close()
  })
  afterAll(async () => {
    await viewer?.close()
    await captured?.remove()
    await forget()
  })

  it('is never answered otherwise than by the authorizer, and answered where it is proven', async () => {
    const answered: boolean[] = []
    for (const attributes of questions()) {
      const body = {
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        spec: { resourceAttributes: attributes },
      }
      const ours = answerOrNothing(body)
      if (ours === undefined) continue
      const theirs = await ask<{ status: { allowed: boolean } }>(ACCESS, body)
      expect(ours, JSON.stringify(attributes)).toBe(theirs.status.allowed)
      answered.push(ours)
    }
    expect(answered.filter(Boolean).length).toBeGreaterThan(20)
    expect(answered.filter((allowed) => !allowed).length).toBeGreaterThan(20)
  })

  it('is listed as the server lists it, and so is who it is', async () => {
    const rules = {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { namespace: 'broken' },
    }
    const listed = await ask<{ status: { resourceRules: unknown[]; nonResourceRules: unknown[] } }>(RULES, rules)
    const ours = answerReview(reviews, RULES, rules).body as typeof listed
    expect(sorted(ours.status.resourceRules)).toEqual(sorted(listed.status.resourceRules))
    expect({ ...ours, status: null }).toEqual({ ...listed, metadata: {}, status: null })
    const self = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' }
    const { status } = await ask<{ status: unknown }>(SELF, self)
    expect(answerReview(reviews, SELF, self).body).toMatchObject({ ...self, status })
  })

  it.each([{}, { resourceAttributes: {}, nonResourceAttributes: { path: '/metrics', verb: 'get' } }])(
    'is no question in %j, in the same words',
    async (spec) => {
      const body = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec }
      const theirs = await ask(ACCESS, body).catch((error: Error) => error.message)
      expect(() => answerReview(reviews, ACCESS, body)).toThrow(theirs as string)
    },
  )

  function answerOrNothing(body: unknown): boolean | undefined {
    try {
      return (answerReview(reviews, ACCESS, body).body as { status: { allowed: boolean } }).status.allowed
    } catch (error) {
      if (error instanceof Refusal && error.code === 404) return undefined
      throw error
    }
  }

  function questions(): object[] {
    const resources = [
      { resource: 'pods' },
      { resource: 'pods', subresource: 'log' },
      { resource: 'pods', name: 'crash-loop' },
      { resource: 'nodes' },
      { resource: 'secrets' },
      { group: 'apps', resource: 'deployments' },
      { group: 'apps', resource: 'deployments', subresource: 'scale' },
      { group: '*', resource: '*' },
    ]
    const verbs = ['get', 'list', 'watch', 'delete', 'impersonate', '*']
    const namespaces = ['broken', 'default', '']
    return resources.flatMap((one) =>
      verbs.flatMap((verb) => namespaces.map((namespace) => ({ ...one, verb, namespace }))),
    )
  }

  async function ask<T>(path: string, body: unknown): Promise<T> {
    const { body: answer } = await viewer.post(path, body, { signal: AbortSignal.timeout(30_000), verb: 'create' })
    return JSON.parse(String(answer)) as T
  }

  async function forget(): Promise<void> {
    await kubectl(['delete', 'clusterrole,clusterrolebinding', VIEWER, '--ignore-not-found'])
    await kubectl(['delete', 'rolebinding', VIEWER, '-n', 'broken', '--ignore-not-found'])
  }

  /** The authorizer walks its bindings in any order. */
  function sorted(rules: readonly unknown[]): string[] {
    return rules.map((rule) => JSON.stringify(rule)).sort()
  }
})

/** A log of a pod; `rest` of its query says of which container. */
interface Log {
  readonly pod: Pod
  readonly rest: string
}

function capturedLogs(): (Log & { path: string })[] {
  return [...bundle.files.keys()].flatMap((path) => {
    const [, container, previous] = /^logs\/.*\/([^/]+?)(\.previous)?\.log$/.exec(path) ?? []
    const pod = pods.find(({ metadata }) => path.includes(`/${metadata.uid}/`))
    return pod && container ? [{ path, pod, rest: `&container=${container}${previous ? '&previous=true' : ''}` }] : []
  })
}

/** A dozen ways to ask for a log, made from its own times. */
function queriesFor(body: Buffer): string[] {
  const times = String(body).match(/^\S+Z(?= )/gm) ?? []
  const seconds = (times.at(-1) ?? times[0] ?? '').replace(/\.\d+Z/, 'Z')
  const next = new Date(Date.parse(seconds) + 1000).toISOString()
  const isOld = Date.now() - Date.parse(seconds) > 20_000
  return [
    '',
    'timestamps=true',
    'tailLines=0',
    'tailLines=1',
    'tailLines=2&timestamps=true',
    'tailLines=500',
    'tailLines=1100&sinceSeconds=3600&limitBytes=4321',
    'tailLines=1000000',
    'limitBytes=1',
    'limitBytes=40&timestamps=true',
    'tailLines=1&limitBytes=3',
    `sinceTime=${times[0]}`,
    `sinceTime=${times[Math.floor(times.length / 2)]}&timestamps=true`,
    `sinceTime=${seconds}&timestamps=true`,
    `sinceTime=${next}`,
    `sinceTime=${seconds.replace('Z', '%2B01:00')}`,
    `sinceTime=${seconds}&tailLines=2&limitBytes=50&timestamps=1`,
    'sinceSeconds=86400',
    ...(isOld ? ['sinceSeconds=5', 'sinceSeconds=5&tailLines=1'] : []),
  ]
}

async function apply(object: unknown): Promise<void> {
  const path = join(folder.path, '..', `freezeframe-${process.pid}.json`)
  await writeFile(path, JSON.stringify(object))
  await kubectl(['apply', '-f', path])
  await rm(path)
}

async function forgetTalkative(): Promise<void> {
  await kubectl(['delete', 'pod', 'talkative', '-n', 'broken', '--ignore-not-found', '--grace-period=1'])
}

function findPod(name: string): Pod {
  const found = pods.find(({ metadata }) => metadata.namespace === 'broken' && metadata.name === name)
  if (!found) throw new Error(`pod ${name} was not captured`)
  return found
}

function askServer({ pod, rest }: Log, query: string): Promise<KubeResponse> {
  const { namespace, name } = pod.metadata
  return get(`/api/v1/namespaces/${namespace}/pods/${name}/log?${query}${rest}`)
}

/** Bytes as Latin-1: a difference between two strings is easier to read than one between two buffers. */
async function askBundle({ pod, rest }: Log, query: string): Promise<string> {
  const parsed = parseLogQuery(new URLSearchParams(`${query}${rest}`), pod.metadata.name)
  const chunks: Buffer[] = []
  for await (const chunk of await openLog(bundle, pod, parsed, new Date())) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

function readAnswer({ status, body }: KubeResponse): Answer {
  if (status < 400) return { text: body.toString('latin1') }
  const { code, reason, message, details } = JSON.parse(String(body)) as Exclude<Answer, { text: string }>
  return { code, reason, message, details }
}

function get(path: string): Promise<KubeResponse> {
  return kube.get(path, { signal: AbortSignal.timeout(60_000), verb: 'get', accept: '*/*', anyStatus: true })
}

function connect(as?: string): Promise<KubeClient> {
  return connectKube({ kubeconfig: KUBECONFIG, as, userAgent: 'freezeframe-e2e', env: {} })
}
