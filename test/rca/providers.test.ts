import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { ago, bundleOf, type Scene, type Thing } from '../incident/scene.ts'
import { crashed, endpointSlice, event, node, pod, replicaSet, service, thing, workload } from '../incident/things.ts'
import { withNeighbour } from './cases.ts'

/** A program that ends at once, of one pod in kube-system. */
function crashing(kind: 'Deployment' | 'DaemonSet', name: string, image: string): readonly Thing[] {
  const id = kind === 'DaemonSet' ? `${name}-ab1cd` : `${name}-6c8f7d9b5-x2x4z`
  const owner = kind === 'DaemonSet' ? `DaemonSet/${name}` : `ReplicaSet/${name}-6c8f7d9b5`
  const status = { readyReplicas: 0, availableReplicas: 0, numberReady: 0, numberUnavailable: 1 }
  return [
    workload(kind, `kube-system/${name}`, { status }),
    ...(kind === 'DaemonSet' ? [] : [replicaSet(`kube-system/${name}-6c8f7d9b5`, name, 1)]),
    pod(`kube-system/${id}`, {
      owner,
      created: 90_000,
      ready: false,
      containers: [{ image, status: crashed({ restarts: 12 }) }],
      status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(1800) }] },
    }),
  ]
}

/** The last words of that program. */
const logsOf = (id: string, words: string) => ({ [`kube-system/${id}/app.previous`]: `${ago(61)} ${words}\n` })

/** A Deployment whose pod waits for a node. */
function waiting(message: string, resources: Record<string, unknown>): readonly Thing[] {
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: ago(600),
  }
  return [
    workload('Deployment', 'ml/train', { status: { readyReplicas: 0, availableReplicas: 0 } }),
    replicaSet('ml/train-6c8f7d9b5', 'train', 1, { status: { readyReplicas: 0 } }),
    pod('ml/train-6c8f7d9b5-abcde', {
      owner: 'ReplicaSet/train-6c8f7d9b5',
      created: 600,
      ready: false,
      containers: [{ spec: { resources: { requests: resources, limits: resources } } }],
      spec: { nodeName: undefined },
      status: {
        phase: 'Pending',
        podIP: undefined,
        startTime: undefined,
        containerStatuses: undefined,
        conditions: [condition],
      },
    }),
  ]
}

async function firstOf(scene: Scene): Promise<string> {
  const { causes } = await analyze(bundleOf(withNeighbour(scene)), { name: 'scene', toolVersion: '0' })
  return `${causes[0]?.rule} ${causes[0]?.subject.kind} ${causes[0]?.subject.name}`
}

const NO_GPU = '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'
const forGpu = waiting(NO_GPU, { 'nvidia.com/gpu': '1' })
const emptyGpuNode = node('gpu-1', {
  status: { capacity: { 'nvidia.com/gpu': '0' }, allocatable: { 'nvidia.com/gpu': '0' } },
})
const nvml = 'E0201 main.go:132] error starting plugins: nvml init failed: ERROR_LIBRARY_NOT_FOUND'

describe('what should give waiting pods a node or a device', () => {
  it('is the cause where it is the plugin of the device', async () => {
    const objects = [
      emptyGpuNode,
      ...forGpu,
      ...crashing('DaemonSet', 'nvidia-device-plugin', 'registry.example/k8s-device-plugin:1'),
    ]
    const logs = logsOf('nvidia-device-plugin-ab1cd', nvml)
    expect(await firstOf({ objects, logs })).toBe('crashloop-app-error DaemonSet nvidia-device-plugin')
  })

  it('is not the plugin of another device', async () => {
    const objects = [
      emptyGpuNode,
      ...forGpu,
      ...crashing('DaemonSet', 'sriov-device-plugin', 'registry.example/sriov:1'),
    ]
    const logs = logsOf('sriov-device-plugin-ab1cd', nvml)
    expect(await firstOf({ objects, logs })).toBe('insufficient-cpu-memory Deployment train')
  })

  const tainted = node('node-3', {
    spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] },
  })
  const controller = crashing(
    'Deployment',
    'cloud-controller-manager',
    'registry.example/openstack-cloud-controller-manager:1',
  )
  const refused = logsOf(
    'cloud-controller-manager-6c8f7d9b5-x2x4z',
    'F0201 controllermanager.go:121] cloud provider could not be initialized: could not init cloud provider "openstack": bad region',
  )

  it('is the cause where it is the controller of the cloud, and nodes wait for it', async () => {
    const message =
      '0/3 nodes are available: 1 node(s) had untolerated taint {node.cloudprovider.kubernetes.io/uninitialized: true}, 2 Insufficient memory.'
    const objects = [tainted, ...waiting(message, { memory: '14Gi' }), ...controller]
    expect(await firstOf({ objects, logs: refused })).toBe('crashloop-app-error Deployment cloud-controller-manager')
  })

  it('is not the controller of the cloud where all nodes are initialised', async () => {
    const objects = [...waiting('0/2 nodes are available: 2 Insufficient memory.', { memory: '64Gi' }), ...controller]
    const { causes } = await analyze(bundleOf(withNeighbour({ objects, logs: refused })), {
      name: 's',
      toolVersion: '0',
    })
    expect(causes.map(({ rule, subject }) => `${rule} ${subject.name}`)).toContain('insufficient-cpu-memory train')
  })

  const full = waiting('0/2 nodes are available: 2 Insufficient cpu.', { cpu: '3500m' })
  const karpenter = (line: string) => ({
    objects: [
      ...full,
      workload('Deployment', 'kube-system/karpenter'),
      pod('kube-system/karpenter-6c8f7d9b5-x2x4z', { owner: 'ReplicaSet/karpenter-6c8f7d9b5', created: 90_000 }),
    ],
    logs: {
      'kube-system/karpenter-6c8f7d9b5-x2x4z/app': `${ago(5000)} started\n${Array.from({ length: 12 }, (_, i) => `${ago(590 - 40 * i)} ${line}\n`).join('')}`,
    },
  })

  it('is the cause where it is an autoscaler that the cloud refuses', async () => {
    const line =
      '{"level":"ERROR","message":"failed launching nodeclaim","error":"creating instance, UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:sts::000000000000:assumed-role/x/y is not authorized to perform: ec2:RunInstances"}'
    expect(await firstOf(karpenter(line))).toBe('irsa-denied Deployment karpenter')
  })

  it('is nothing where the autoscaler is well', async () => {
    expect(await firstOf(karpenter('{"level":"INFO","message":"found provisionable pod(s)"}'))).toContain(
      'Deployment train',
    )
  })
})

it('finds a sealed Vault behind a Secret that is not made from it, and not one that another store is', async () => {
  const sealed = (server: string): Scene => ({
    objects: [
      workload('StatefulSet', 'safe/vault', { status: { replicas: 1, readyReplicas: 0 } }),
      pod('safe/vault-0', {
        owner: 'StatefulSet/vault',
        labels: { app: 'vault' },
        created: 900,
        ready: false,
        containers: [{ spec: { readinessProbe: { exec: { command: ['vault', 'status'] } } } }],
      }),
      service('safe/vault'),
      endpointSlice('safe/vault', [{ pod: 'vault-0', ready: false }]),
      event(
        'safe',
        'Pod/vault-0',
        'Unhealthy',
        'Readiness probe failed: Key          Value\n---          -----\nSeal Type    shamir\nInitialized  true\nSealed       true',
        { first: 880, last: 8, count: 170 },
      ),
      thing('external-secrets.io/v1', 'SecretStore', 'shop/safe', {
        spec: { provider: { vault: { server: server } } },
      }),
      thing('external-secrets.io/v1', 'ExternalSecret', 'shop/keys', {
        spec: { secretStoreRef: { name: 'safe', kind: 'SecretStore' }, target: { name: 'keys' } },
        status: {
          conditions: [
            {
              type: 'Ready',
              status: 'False',
              reason: 'SecretSyncedError',
              message: 'could not get secret data from provider',
              lastTransitionTime: ago(600),
            },
          ],
        },
      }),
      workload('Deployment', 'shop/cart', { status: { readyReplicas: 0 } }),
      replicaSet('shop/cart-6c8f7d9b5', 'cart', 1),
      pod('shop/cart-6c8f7d9b5-x2x4z', {
        owner: 'ReplicaSet/cart-6c8f7d9b5',
        created: 500,
        ready: false,
        status: { phase: 'Pending' },
        containers: [
          {
            spec: { envFrom: [{ secretRef: { name: 'keys' } }] },
            status: {
              ready: false,
              state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "keys" not found' } },
            },
          },
        ],
      }),
      event('shop', 'Pod/cart-6c8f7d9b5-x2x4z', 'Failed', 'Error: secret "keys" not found', { first: 490, last: 10 }),
    ],
  })
  const first = async (scene: Scene) =>
    (await analyze(bundleOf(withNeighbour(scene)), { name: 'scene', toolVersion: '0' })).causes.map(
      ({ rule, subject }) => `${rule} ${subject.name}`,
    )
  expect(await first(sealed('http://vault.safe.svc:8200'))).toEqual(['readiness-probe-failing vault'])
  expect(await first(sealed('https://vault.example.org'))).toContain('external-secret-not-refreshed keys')
})

it('follows a probe that fails, with the error of the program, to the rollout that brought it', async () => {
  const image = (tag: string) => ({
    template: { spec: { containers: [{ name: 'app', image: `registry.example/cart:${tag}` }] } },
  })
  const line = 'ERROR cannot read the tariff: unexpected field "zone"'
  const scene: Scene = {
    objects: [
      workload('Deployment', 'shop/cart', { status: { readyReplicas: 0, availableReplicas: 0 } }),
      replicaSet('shop/cart-7d4f8b9c6', 'cart', 1, { spec: { replicas: 0, ...image('1') } }),
      replicaSet('shop/cart-6c8f7d9b5', 'cart', 2, {
        metadata: { creationTimestamp: ago(900), annotations: { 'deployment.kubernetes.io/revision': '2' } },
        spec: { replicas: 1, ...image('2') },
      }),
      pod('shop/cart-6c8f7d9b5-abcde', {
        owner: 'ReplicaSet/cart-6c8f7d9b5',
        created: 890,
        ready: false,
        containers: [{ spec: { readinessProbe: { httpGet: { path: '/ready', port: 8080 } } } }],
      }),
      event(
        'shop',
        'Pod/cart-6c8f7d9b5-abcde',
        'Unhealthy',
        'Readiness probe failed: HTTP probe failed with statuscode: 503',
        { first: 880, last: 5, count: 90 },
      ),
    ],
    logs: {
      'shop/cart-6c8f7d9b5-abcde/app': Array.from({ length: 20 }, (_, at) => `${ago(880 - 40 * at)} ${line}\n`).join(
        '',
      ),
    },
  }
  const { causes } = await analyze(bundleOf(withNeighbour(scene)), { name: 'scene', toolVersion: '0' })
  expect(causes.map(({ rule, chain }) => [rule, chain[1]?.rule])).toEqual([['bad-rollout', 'readiness-probe-failing']])
})
