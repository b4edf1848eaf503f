import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import type { Cause } from '../../src/rca/report.ts'
import { ago, bundleOf, type Scene, type Thing } from '../incident/scene.ts'
import { crashed, endpointSlice, event, node, pod, replicaSet, service, thing, workload } from '../incident/things.ts'
import { withNeighbour } from './cases.ts'

const HOURS = 5 * 3600
const MINUTES = 300

/** A program that cannot find a part of itself; it is not ready since so many seconds. */
function crashing(name: string, since: number): readonly Thing[] {
  return [
    workload('Deployment', `shop/${name}`, { status: { readyReplicas: 0, availableReplicas: 0 } }),
    replicaSet(`shop/${name}-7b8c9d5f6`, name, 1, { status: { readyReplicas: 0 } }),
    pod(`shop/${name}-7b8c9d5f6-aaaaa`, {
      owner: `ReplicaSet/${name}-7b8c9d5f6`,
      node: 'node-5',
      created: 90_000,
      ready: false,
      containers: [{ status: crashed({ restarts: Math.min(40, Math.ceil(since / 300)), at: Math.min(since, 100) }) }],
      spec: { volumes: [{ name: 'tls', secret: { secretName: 'cart-tls' } }] },
      status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(since) }] },
    }),
  ]
}

const logs = { 'shop/cart-7b8c9d5f6-aaaaa/app.previous': `${ago(101)} Error: Cannot find module './config'\n` }

function nodeSays(type: string, status: string, since: number): Thing {
  const words: Readonly<Record<string, readonly [string, string]>> = {
    Ready: ['NodeStatusUnknown', 'Kubelet stopped posting node status.'],
    ReadonlyFilesystem: ['FilesystemIsReadOnly', 'EXT4-fs (nvme0n1p1): Remounting filesystem read-only'],
  }
  const [reason, message] = words[type] ?? []
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: ago(90_000) }
  const said = { type, status, reason, message, lastTransitionTime: ago(since) }
  return node('node-5', { status: { conditions: type === 'Ready' ? [said] : [said, ready] } })
}

function expired(since: number): readonly Thing[] {
  return [
    node('node-5'),
    thing('v1', 'Secret', 'shop/cart-tls', {}),
    thing('cert-manager.io/v1', 'Certificate', 'shop/cart', {
      spec: { secretName: 'cart-tls' },
      status: { notAfter: ago(since) },
    }),
  ]
}

const later: Readonly<Record<string, readonly [string, readonly Thing[]]>> = {
  'a node that fell silent': ['node-notready-kubelet-silent', [nodeSays('Ready', 'Unknown', MINUTES)]],
  'a disk that became read-only': ['block-device-error', [nodeSays('ReadonlyFilesystem', 'True', MINUTES)]],
  'a certificate that expired': ['cert-expired', expired(MINUTES)],
}

describe('what began after a symptom', () => {
  it.each(Object.entries(later))('does not explain it: %s', async (_, [rule, objects]) => {
    const causes = await explain({ objects: [...objects, ...crashing('cart', HOURS)], logs })
    expect(explained(causes, rule)).not.toContain('crashing cart')
    expect(causes.find((cause) => cause.rule === 'crashloop-app-error')).toMatchObject({
      confidence: 'probable',
      alternative: false,
    })
  })

  it.each(Object.entries(later))('explains what broke after it: %s', async (_, [rule, objects]) => {
    const causes = await explain({ objects: [...objects, ...crashing('cart', 60)], logs })
    expect(explained(causes, rule)).toContain('crashing cart')
  })
})

describe('an order that is not known', () => {
  const silent = nodeSays('Ready', 'Unknown', MINUTES)

  it('refutes nothing where the node was ill before', async () => {
    const before = event('', 'Node/node-5', 'NodeNotReady', 'Node node-5 status is now: NodeNotReady', {
      type: 'Normal',
      count: 3,
      first: 3500,
      last: MINUTES,
      component: 'node-controller',
    })
    const causes = await explain({ objects: [silent, before, ...crashing('cart', HOURS)], logs })
    expect(explained(causes, 'node-notready-kubelet-silent')).toContain('crashing cart')
  })

  it('refutes nothing where events could not be read', async () => {
    const causes = await explain({ objects: [silent, ...crashing('cart', HOURS)], logs, denied: ['events'] })
    expect(explained(causes, 'node-notready-kubelet-silent')).toContain('crashing cart')
  })

  it('refutes nothing of a workload of which one pod was ill before, and others are since', async () => {
    const [owner, set, ill] = crashing('cart', HOURS) as [Thing, Thing, Thing]
    const twin = JSON.parse(
      JSON.stringify(crashing('cart', 200)[2]).replaceAll('cart-7b8c9d5f6-aaaaa', 'cart-7b8c9d5f6-bbbbb'),
    )
    const causes = await explain({ objects: [silent, owner, set, ill, twin], logs })
    expect(explained(causes, 'node-notready-kubelet-silent')).toContain('crashing cart')
  })
})

it('is as sure of a cause that the sufferer names, however young its log is', async () => {
  const refused = `${ago(101)} redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.\n`
  const objects = [
    workload('Deployment', 'shop/redis', {}, 0),
    service('shop/redis'),
    endpointSlice('shop/redis', []),
    node('node-5'),
    ...crashing('cart', HOURS),
  ]
  const [first] = await explain({ objects, logs: { 'shop/cart-7b8c9d5f6-aaaaa/app.previous': refused } })
  expect(first).toMatchObject({ rule: 'scaled-to-zero', confidence: 'probable' })
  expect(first?.points.parts).toContainEqual(expect.objectContaining({ for: 'order', points: 10 }))
})

it('is never sure of a fault of a node whose oldest trace is younger than all that it is to have broken', async () => {
  const scene = (since: number): Scene => ({
    objects: [
      ...crashing('cart', 3000),
      node('node-5'),
      event(
        '',
        'Node/node-5',
        'KernelOops',
        'kernel: BUG: unable to handle kernel NULL pointer dereference at 00000008',
        {
          component: 'kernel-monitor',
          first: since,
          last: 30,
        },
      ),
    ],
    denied: ['logs'],
  })
  const sure = async (since: number) =>
    (await explain(scene(since))).filter(({ rule }) => rule === 'kernel-fault').map(({ confidence }) => confidence)
  expect(await sure(3100)).toEqual(['probable'])
  expect(await sure(2500)).toEqual(['possible'])
})

async function explain(scene: Scene): Promise<readonly Told[]> {
  const { causes, symptoms } = await analyze(bundleOf(withNeighbour(scene)), { name: 'scene', toolVersion: '0' })
  return causes.map((cause) => ({
    ...cause,
    seen: cause.explains.map((index) => `${symptoms[index]?.symptom} ${symptoms[index]?.subject.name}`),
  }))
}

type Told = Cause & { readonly seen: readonly string[] }

function explained(causes: readonly Told[], rule: string): readonly string[] {
  return causes.filter((cause) => cause.rule === rule).flatMap(({ seen }) => seen)
}

describe('a Service without a ready pod', () => {
  const shop = (status: Record<string, unknown>, created: number): Scene => ({
    objects: [
      node('node-5'),
      workload('Deployment', 'shop/search', { status: { readyReplicas: 0, availableReplicas: 0 } }),
      replicaSet('shop/search-7b8c9d5f6', 'search', 1, { status: { readyReplicas: 0 } }),
      pod('shop/search-7b8c9d5f6-aaaaa', {
        owner: 'ReplicaSet/search-7b8c9d5f6',
        node: 'node-5',
        labels: { app: 'search' },
        created,
        ready: false,
        ...status,
      }),
      service('shop/search', { spec: { clusterIP: '10.96.0.31' } }),
      endpointSlice('shop/search', [{ pod: 'search-7b8c9d5f6-aaaaa', ready: false }]),
      pod('shop/web-1', { labels: { app: 'web' }, owner: 'ReplicaSet/web-6c8f7d9b5', node: 'node-5' }),
    ],
    logs: { 'shop/web-1/app': `${ago(20)} ERROR dial tcp 10.96.0.31:80: connect: connection refused\n`.repeat(20) },
  })
  const waits = {
    spec: { initContainers: [{ name: 'wait', image: 'registry.example/tools:1' }] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        { name: 'wait', ready: false, restartCount: 0, state: { running: { startedAt: ago(690) } } },
      ],
      containerStatuses: [
        { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } },
      ],
    },
  }

  it.each([
    ['an init container that does not end', 'init-container-stuck', shop(waits, 700)],
    ['a program that ends without a word', 'crashloop-app-error', shop({ containers: [{ status: crashed() }] }, 7000)],
  ])('stands below the faintest reason for it: %s', async (_, rule, scene) => {
    const causes = await explain(scene)
    expect(causes[0]).toMatchObject({ rule, confidence: 'possible' })
    expect(causes.map((cause) => cause.rule)).not.toContain('service-has-no-ready-endpoints')
  })

  it('stands for itself where nothing tells why', async () => {
    expect((await explain(shop({}, 7000)))[0]?.rule).toBe('service-has-no-ready-endpoints')
  })
})
