import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { ago, bundleOf, type Thing } from '../incident/scene.ts'
import { crashed, node, pod, replicaSet, thing, workload } from '../incident/things.ts'
import { withNeighbour } from './cases.ts'

const MONTHS = 9_000_000

function apiDown(since: number): Thing {
  return thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.custom.metrics.k8s.io', {
    spec: { group: 'custom.metrics.k8s.io', version: 'v1beta1', service: { namespace: 'ops', name: 'adapter' } },
    status: {
      conditions: [
        {
          type: 'Available',
          status: 'False',
          reason: 'ServiceNotFound',
          message: 'service/adapter in "ops" is not present',
          lastTransitionTime: ago(since),
        },
      ],
    },
  })
}

function nodeGone(since: number): Thing {
  const [reason, message] = ['NodeStatusUnknown', 'Kubelet stopped posting node status.']
  const ready = { type: 'Ready', status: 'Unknown', reason, message, lastTransitionTime: ago(since) }
  return node('node-9', { status: { conditions: [ready] } })
}

function certificate(since: number): Thing {
  return thing('cert-manager.io/v1', 'Certificate', 'shop/old', {
    spec: { secretName: 'old-tls' },
    status: {
      notAfter: ago(since),
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'Expired',
          message: 'Certificate expired',
          lastTransitionTime: ago(since),
        },
      ],
    },
  })
}

/** A pod that is killed at its limit since so many seconds. */
function killed(since: number, name = 'bank'): Thing {
  return pod(`pay/${name}-7c8d9f5b6-abcde`, {
    owner: `ReplicaSet/${name}-7c8d9f5b6`,
    created: MONTHS,
    ready: false,
    status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(since) }] },
    containers: [
      { spec: { resources: { limits: { memory: '64Mi' } } }, status: crashed({ reason: 'OOMKilled', exitCode: 137 }) },
    ],
  })
}

const forgotten = pod('dev/toy-7c8d9f5b6-abcde', {
  owner: 'ReplicaSet/toy-7c8d9f5b6',
  created: MONTHS,
  ready: false,
  status: { phase: 'Pending' },
  containers: [
    {
      status: {
        ready: false,
        state: {
          waiting: {
            reason: 'ImagePullBackOff',
            message:
              'Back-off pulling image "registry.example/toy:9": ErrImagePull: failed to resolve reference "registry.example/toy:9": registry.example/toy:9: not found',
          },
        },
      },
    },
  ],
})

const old: Readonly<Record<string, Thing>> = {
  'an API that is down for months': apiDown(MONTHS),
  'a node that is gone for months': nodeGone(MONTHS),
  'a certificate that nobody uses': certificate(MONTHS),
  'a pod that never started': forgotten,
}

describe('what has long been so', () => {
  it.each(Object.entries(old))('comes after what broke today, and is told: %s', async (_, thing) => {
    const causes = await explain(thing, killed(600))
    expect(causes.map(({ rule }) => rule)).toHaveLength(2)
    expect(causes[0]).toMatchObject({ rule: 'container-oomkilled', confidence: 'confirmed' })
    expect(causes[1]?.points.parts).toContainEqual(expect.objectContaining({ for: 'age', points: -30 }))
  })

  it('comes first where nothing broke since', async () => {
    const [first] = await explain(forgotten)
    expect(first).toMatchObject({ rule: 'image-not-found', confidence: 'confirmed' })
  })

  it('is not outranked by a trifle of today', async () => {
    const scaler = thing('autoscaling/v2', 'HorizontalPodAutoscaler', 'other/steady', {
      spec: { maxReplicas: 1, scaleTargetRef: { kind: 'Deployment', name: 'steady' } },
      status: {
        conditions: [
          { type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas', lastTransitionTime: ago(600) },
        ],
      },
    })
    const [first] = await explain(forgotten, scaler)
    expect(first?.rule).toBe('image-not-found')
  })
})

describe('what nobody is seen to suffer from', () => {
  it.each([
    ['an API that is down for months', apiDown(MONTHS)],
    ['a node that is gone for months', nodeGone(MONTHS)],
    ['a certificate that expired months ago', certificate(MONTHS)],
    ['a certificate that expired just now', certificate(300)],
  ])('is at most possible: %s', async (_, thing) => {
    expect(new Set((await explain(thing)).map(({ confidence }) => confidence))).toEqual(new Set(['possible']))
  })

  it.each([
    ['an API', apiDown(600)],
    ['a node', nodeGone(600)],
  ])('is an incident where a part of the cluster fails since today: %s', async (_, thing) => {
    expect((await explain(thing))[0]?.confidence).toBe('confirmed')
  })
})

it('trusts that an expired certificate is felt by those who come from outside', async () => {
  const ingress = thing('networking.k8s.io/v1', 'Ingress', 'shop/web', { spec: { tls: [{ secretName: 'old-tls' }] } })
  expect((await explain(certificate(300), ingress))[0]).toMatchObject({ rule: 'cert-expired', confidence: 'confirmed' })
})

describe('a condition that nobody explains', () => {
  it.each([
    ['for a day is an incident', 86_400, 3, 'unsure'],
    ['for weeks is a risk', 3_000_000, 3, 'healthy'],
    ['for weeks is an incident while part of what it is about fails', 3_000_000, 2, 'unsure'],
  ])('%s', async (_, age, ready, status) => {
    const application = thing('argoproj.io/v1alpha1', 'Application', 'argocd/web', {
      status: {
        health: { status: 'Degraded', lastTransitionTime: ago(age) },
        resources: [{ kind: 'Deployment', namespace: 'shop', name: 'web', health: { status: 'Degraded' } }],
      },
    })
    const pods = [0, 1, 2].map((index) =>
      pod(`shop/web-6b7c8d9f5-aaaa${index}`, {
        owner: 'ReplicaSet/web-6b7c8d9f5',
        created: MONTHS,
        ready: index < ready,
      }),
    )
    const objects = [application, workload('Deployment', 'shop/web', {}, 3), replicaSet('shop/web-6b7c8d9f5', 'web', 1)]
    const scene = withNeighbour({ objects: [...objects, ...pods] })
    const { verdict, risks } = await analyze(bundleOf(scene), { name: 'scene', toolVersion: '0' })
    expect(verdict.status).toBe(status)
    expect(risks.some(({ rule }) => rule === 'unhealthy-conditions')).toBe(status === 'healthy')
  })
})

async function explain(...objects: readonly Thing[]) {
  const { causes } = await analyze(bundleOf(withNeighbour({ objects })), { name: 'scene', toolVersion: '0' })
  return causes
}
