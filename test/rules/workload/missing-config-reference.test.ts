import { describe, expect, it } from 'vitest'
import { uncreatedPods } from '../../../src/rules/generic/uncreated-pods.ts'
import { missingConfigReference } from '../../../src/rules/workload/missing-config-reference.ts'
import { event, pod, replicaSet, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const waiting = (message: string, reason = 'CreateContainerConfigError') =>
  pod(`shop/${NAME}`, {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    ready: false,
    containers: [{ status: { ready: false, state: { waiting: { reason, message } } } }],
    status: { phase: 'Pending' },
  })

describe('missing-config-reference', () => {
  it('names what is missing', async () => {
    const outcome = await evaluate(missingConfigReference, { objects: [waiting('configmap "settings" not found')] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('ConfigMap settings')
  })

  it('names the key that is missing in an object that is there', async () => {
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting("couldn't find key url in ConfigMap shop/settings"), thing('v1', 'ConfigMap', 'shop/settings')],
    })
    expect(outcome.findings[0]?.says).toContain('the key url is not in ConfigMap')
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it('names the account without which no pod is created', async () => {
    const said =
      'Error creating: pods "web-6c8f7d9b5-" is forbidden: error looking up service account shop/runner: serviceaccount "runner" not found'
    const objects = [
      workload('Deployment', 'shop/web'),
      event('shop', 'ReplicaSet/web-6c8f7d9b5', 'FailedCreate', said),
    ]
    const outcome = await evaluate(missingConfigReference, { objects })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })

  it('reads it of a volume', async () => {
    const said = 'MountVolume.SetUp failed for volume "certs" : secret "web-tls" not found'
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting('', 'ContainerCreating'), event('shop', `Pod/${NAME}`, 'FailedMount', said)],
    })
    expect(outcome.findings[0]?.says).toContain('Secret web-tls')
  })

  it('says where it speaks against it that the object is there', async () => {
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting('configmap "settings" not found'), thing('v1', 'ConfigMap', 'shop/settings')],
    })
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong', against: [{ says: /is there now/ }] } as never)
  })

  it('rejects a race that is over', async () => {
    const said = 'MountVolume.SetUp failed for volume "certs" : secret "web-tls" not found'
    const outcome = await evaluate(missingConfigReference, {
      objects: [pod(`shop/${NAME}`), event('shop', `Pod/${NAME}`, 'FailedMount', said)],
    })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('takes no log of an operator for it', async () => {
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting('', 'ContainerCreating')],
      logs: { [`shop/${NAME}/app`]: '2026-02-01T11:59:00Z ERROR secret "web-tls" not found\n' },
    })
    expect(outcome.status).toBe('clear')
  })

  describe('where nobody says what is missing', () => {
    const silent = (reason: string, spec: object, more: object = {}) =>
      pod(`shop/${NAME}`, {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        containers: [{ spec: more as never, status: { ready: false, state: { waiting: { reason } } } }],
        spec: spec as never,
        status: { phase: 'Pending' },
      })
    const mounts = (more: object = {}) => ({ volumes: [{ name: 'c', configMap: { name: 'settings', ...more } }] })
    const says = async (...args: Parameters<typeof evaluate>) => (await evaluate(...args)).findings[0]?.says

    it('names what is not in the complete list', async () => {
      const objects = [silent('ContainerCreating', mounts())]
      const { findings } = await evaluate(missingConfigReference, { objects })
      expect(findings).toMatchObject([{ kind: 'cause', strength: 'proof', subject: { name: 'web' } }])
      expect(findings[0]?.says).toContain('the ConfigMap settings does not exist in the namespace shop')
      const env = silent('CreateContainerConfigError', {}, { envFrom: [{ configMapRef: { name: 'settings' } }] })
      expect(await says(missingConfigReference, { objects: [env] })).toContain('ConfigMap settings')
    })

    it('names a key that is not in it', async () => {
      const env = { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'port' } } }] }
      const there = (key: string) => thing('v1', 'ConfigMap', 'shop/settings', { data: { [key]: '1' } })
      const of = (key: string) =>
        says(missingConfigReference, { objects: [silent('CreateContainerConfigError', {}, env), there(key)] })
      expect(await of('host')).toContain('the key port is not in ConfigMap settings')
      expect(await of('port')).toBeUndefined()
    })

    it.each([
      ['ConfigMaps may not be read', { objects: [silent('ContainerCreating', mounts())], denied: ['configmaps'] }],
      ['it is optional', { objects: [silent('ContainerCreating', mounts({ optional: true }))] }],
      ['it is there', { objects: [silent('ContainerCreating', mounts()), thing('v1', 'ConfigMap', 'shop/settings')] }],
      [
        'it is a Secret',
        { objects: [silent('ContainerCreating', { volumes: [{ name: 'c', secret: { secretName: 's' } }] })] },
      ],
      [
        'the pod has just come',
        {
          objects: [
            {
              ...silent('ContainerCreating', mounts()),
              metadata: { name: NAME, namespace: 'shop', creationTimestamp: '2026-02-01T11:59:50Z' },
              status: {
                phase: 'Pending',
                containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } }],
              },
            },
          ],
        },
      ],
    ])('is quiet where %s', async (_, scene) => {
      expect((await evaluate(missingConfigReference, scene)).findings).toEqual([])
    })

    const none = { replicas: 0, readyReplicas: 0, availableReplicas: 0, updatedReplicas: 0 }
    const db = (spec: object, status: object = none) =>
      workload('StatefulSet', 'shop/db', { spec: { template: { spec } }, status }, 2)

    it.each([
      ['ServiceAccount robot does not exist in the namespace shop', { serviceAccountName: 'robot' }],
      ['PriorityClass high does not exist', { priorityClassName: 'high' }],
    ])('tells of a workload without pods that %s', async (words, spec) => {
      const outcome = await evaluate(missingConfigReference, { objects: [db(spec)] })
      expect(outcome.findings).toMatchObject([{ strength: 'proof', subject: { kind: 'StatefulSet', name: 'db' } }])
      expect(outcome.findings[0]?.says).toContain(words)
      expect((await evaluate(uncreatedPods, { objects: [db(spec)] })).findings).toHaveLength(1)
    })

    it('takes no account for missing that a workload with pods names', async () => {
      const objects = [db({ serviceAccountName: 'robot' }, { replicas: 2 })]
      expect((await evaluate(missingConfigReference, { objects })).findings).toEqual([])
      expect((await evaluate(uncreatedPods, { objects })).findings).toEqual([])
    })
  })

  it('does not take the words of a probe for those of the kubelet', async () => {
    const said = 'Readiness probe failed: secret "web-tls" not found'
    const outcome = await evaluate(missingConfigReference, {
      objects: [waiting('', 'ContainerCreating'), event('shop', `Pod/${NAME}`, 'Unhealthy', said)],
    })
    expect(outcome.findings).toEqual([])
  })
})

it('tells once of an account that an event and the lists miss', async () => {
  const said =
    'Error creating: pods "web-7d4f8-" is forbidden: error looking up service account shop/web-sa: serviceaccount "web-sa" not found'
  const template = { spec: { serviceAccountName: 'web-sa' } }
  const objects = [
    workload('Deployment', 'shop/web', { spec: { template }, status: { replicas: 0 } }, 2),
    replicaSet('shop/web-7d4f8', 'web', 1, { spec: { replicas: 2, template }, status: { replicas: 0 } }),
    event('shop', 'ReplicaSet/web-7d4f8', 'FailedCreate', said, { count: 18, first: 4000, last: 300 }),
  ]
  const { findings } = await evaluate(missingConfigReference, { objects })
  expect(findings).toMatchObject([{ strength: 'proof', subject: { name: 'web' } }])
})
