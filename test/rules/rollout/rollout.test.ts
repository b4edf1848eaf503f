import { describe, expect, it } from 'vitest'
import { addonDegradedConflict } from '../../../src/rules/rollout/addon-degraded-conflict.ts'
import { addonVersionSkew } from '../../../src/rules/rollout/addon-version-skew.ts'
import { badRollout } from '../../../src/rules/rollout/bad-rollout.ts'
import { controlPlaneUpgradeBlocked } from '../../../src/rules/rollout/control-plane-upgrade-blocked.ts'
import { nodeImageRegression } from '../../../src/rules/rollout/node-image-regression.ts'
import { pdbDeadlock } from '../../../src/rules/rollout/pdb-deadlock.ts'
import { removedApiUsed } from '../../../src/rules/rollout/removed-api-used.ts'
import { rolloutStuck } from '../../../src/rules/rollout/rollout-stuck.ts'
import { unmanagedOsUpdate } from '../../../src/rules/rollout/unmanaged-os-update.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, event, node, pod, replicaSet, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const template = (image: string, cpu = '500m') => ({
  spec: { template: { spec: { containers: [{ name: 'app', image, resources: { limits: { cpu } } }] } } },
})
const older = replicaSet('shop/web-6b7c8d9f5', 'web', 1, template('registry.example/web:1'))
const newer = replicaSet('shop/web-7c8d9f5b6', 'web', 2, {
  metadata: { creationTimestamp: ago(600) },
  ...template('registry.example/web:2'),
})
const old = pod('shop/web-6b7c8d9f5-aaaaa', { owner: 'ReplicaSet/web-6b7c8d9f5', created: 90_000 })
const bad = pod('shop/web-7c8d9f5b6-bbbbb', {
  owner: 'ReplicaSet/web-7c8d9f5b6',
  created: 590,
  ready: false,
  containers: [{ status: crashed() }],
})

describe('bad-rollout', () => {
  it('names the Deployment whose new pods fail beside well old ones, and what was changed', async () => {
    const outcome = await evaluate(badRollout, {
      objects: [workload('Deployment', 'shop/web', {}, 2), older, newer, old, bad],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('registry.example/web:2')
  })

  it('is no rollout where old and new pods fail alike, or where it was long ago', async () => {
    const alike = pod('shop/web-6b7c8d9f5-aaaaa', {
      owner: 'ReplicaSet/web-6b7c8d9f5',
      created: 90_000,
      ready: false,
      containers: [{ status: crashed() }],
    })
    expect(
      (await evaluate(badRollout, { objects: [workload('Deployment', 'shop/web', {}, 2), older, newer, alike, bad] }))
        .status,
    ).toBe('clear')
    const longAgo = replicaSet('shop/web-7c8d9f5b6', 'web', 2, { metadata: { creationTimestamp: ago(200_000) } })
    const ill = pod('shop/web-7c8d9f5b6-bbbbb', {
      owner: 'ReplicaSet/web-7c8d9f5b6',
      created: 199_000,
      ready: false,
      containers: [{ status: crashed() }],
    })
    expect(
      (await evaluate(badRollout, { objects: [workload('Deployment', 'shop/web'), older, longAgo, ill] })).status,
    ).toBe('clear')
  })

  it('is quiet while a good version is rolled out', async () => {
    const young = pod('shop/web-7c8d9f5b6-bbbbb', {
      owner: 'ReplicaSet/web-7c8d9f5b6',
      created: 20,
      ready: false,
      status: { phase: 'Pending' },
    })
    expect(
      (await evaluate(badRollout, { objects: [workload('Deployment', 'shop/web', {}, 2), older, newer, old, young] }))
        .status,
    ).toBe('clear')
  })
})

describe('rollout-stuck', () => {
  const stalled = (spec: Record<string, unknown>) =>
    workload('Deployment', 'shop/web', {
      spec,
      status: {
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'ReplicaSet "web-7c8d9f5b6" has timed out progressing.',
            lastTransitionTime: ago(100),
          },
        ],
      },
    })

  it('is a mechanism of a Deployment past its deadline, and none of one that was paused', async () => {
    const outcome = await evaluate(rolloutStuck, { objects: [stalled({})] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism', subject: { name: 'web' } })
    expect((await evaluate(rolloutStuck, { objects: [stalled({ paused: true })] })).status).toBe('clear')
  })
})

describe('pdb-deadlock', () => {
  const budget = (allowed: number) =>
    thing('policy/v1', 'PodDisruptionBudget', 'shop/web', {
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed: allowed, desiredHealthy: 1, expectedPods: 1, currentHealthy: 1 },
    })
  const guarded = pod('shop/web-6b7c8d9f5-aaaaa', { owner: 'ReplicaSet/web-6b7c8d9f5', labels: { app: 'web' } })
  const cordoned = node('node-1', {
    spec: {
      unschedulable: true,
      taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: ago(900) }],
    },
  })

  it('is the cause of a drain that hangs', async () => {
    const outcome = await evaluate(pdbDeadlock, { objects: [budget(0), guarded, cordoned] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', subject: { kind: 'PodDisruptionBudget', name: 'web' } })
  })

  it('is a risk while nobody drains, and nothing where one may go', async () => {
    expect((await evaluate(pdbDeadlock, { objects: [budget(0), guarded, node('node-1')] })).findings[0]?.kind).toBe(
      'risk',
    )
    expect((await evaluate(pdbDeadlock, { objects: [budget(1), guarded, cordoned] })).status).toBe('clear')
  })
})

describe('removed-api-used', () => {
  const operator = pod('ops/operator-6b7c8d9f5-aaaaa', {
    owner: 'ReplicaSet/operator-6b7c8d9f5',
    ready: false,
    containers: [{ status: crashed() }],
  })
  const log = (text: string) => ({ 'ops/operator-6b7c8d9f5-aaaaa/app.previous': `${ago(65)} ${text}\n` })

  it('names who asks for a version that is gone', async () => {
    const outcome = await evaluate(removedApiUsed, {
      objects: [operator],
      logs: log('E0131 12:00:00.0 1 main.go:1] error: no matches for kind "Ingress" in version "extensions/v1beta1"'),
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment ops/operator'])
  })

  it('is quiet about what is forbidden', async () => {
    const logs = log(
      'E0131 12:00:00.0 1 main.go:1] error: ingresses.networking.k8s.io is forbidden: User "system:serviceaccount:ops:operator" cannot list resource "ingresses" in API group "networking.k8s.io"',
    )
    expect((await evaluate(removedApiUsed, { objects: [operator], logs })).status).toBe('clear')
  })
})

describe('addon-version-skew', () => {
  const kubelet = (version: string) => node('node-1', { status: { nodeInfo: { kubeletVersion: version } } })

  it('is a risk of kubelets too far behind, and nothing within the policy', async () => {
    expect((await evaluate(addonVersionSkew, { objects: [kubelet('v1.29.3')] })).findings[0]).toMatchObject({
      kind: 'risk',
      subject: { name: 'node-1' },
    })
    expect((await evaluate(addonVersionSkew, { objects: [kubelet('v1.31.3')] })).status).toBe('clear')
  })
})

describe('node-image-regression', () => {
  const of = (name: string, kernel: string, ready: boolean): Thing =>
    node(name, {
      status: {
        nodeInfo: { kernelVersion: kernel },
        conditions: [
          {
            type: 'Ready',
            status: ready ? 'True' : 'False',
            reason: 'KubeletNotReady',
            message: 'x',
            lastTransitionTime: ago(500),
          },
        ],
      },
    })
  const names = ['a', 'b', 'c', 'd']

  it('names the kernel that only ill nodes have', async () => {
    const objects = [
      ...names.map((name) => of(`new-${name}`, '6.12.0', false)),
      ...names.map((name) => of(`old-${name}`, '6.1.0', true)),
      pod('shop/web-1', { node: 'old-a' }),
    ]
    const outcome = await evaluate(nodeImageRegression, { objects })
    expect(outcome.findings[0]?.says).toContain('6.12.0')
  })

  it('is quiet where ill nodes have what the others have', async () => {
    const objects = [
      ...names.map((name) => of(`new-${name}`, '6.1.0', false)),
      ...names.map((name) => of(`old-${name}`, '6.1.0', true)),
      pod('shop/web-1', { node: 'old-a' }),
    ]
    expect((await evaluate(nodeImageRegression, { objects })).status).toBe('clear')
  })
})

it.each([addonDegradedConflict, controlPlaneUpgradeBlocked, unmanagedOsUpdate])(
  '$id says what it lacks',
  async (rule) => {
    const outcome = await evaluate(rule, { objects: [node('node-1'), event('', 'Node/node-1', 'NodeReady', 'x')] })
    expect(outcome).toMatchObject({ status: 'not-evaluated', why: expect.stringMatching(/aws-eks|node-logs/) })
  },
)
