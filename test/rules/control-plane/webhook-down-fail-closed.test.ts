import { describe, expect, it } from 'vitest'
import { webhookDownFailClosed } from '../../../src/rules/control-plane/webhook-down-fail-closed.ts'
import type { Thing } from '../../incident/scene.ts'
import { endpointSlice, event, pod, replicaSet, service, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { EXPIRED } from './expired.ts'

const CALL =
  'Error creating: Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: Post "https://guard.guard-system.svc:443/check?timeout=10s": '
const OLD =
  'Error creating: Internal error occurred: failed calling webhook "check.example.com": Post https://guard.guard-system.svc:443/check?timeout=30s: dial tcp 10.0.0.1:443: connect: connection refused'

function configuration(patch: Record<string, unknown> = {}): Thing {
  const clientConfig = { service: { namespace: 'guard-system', name: 'guard' }, caBundle: '' }
  const webhook = { name: 'check.example.com', failurePolicy: 'Fail', clientConfig, ...patch }
  return thing('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'guard', { webhooks: [webhook] })
}

const refused = [
  workload('Deployment', 'shop/web', { status: { readyReplicas: 0 } }, 2),
  replicaSet('shop/web-6c8f7d9b5', 'web', 1, { spec: { replicas: 2 } }),
  service('shop/web'),
]
const failed = (cause: string, about = 'ReplicaSet/web-6c8f7d9b5', namespace = 'shop') =>
  event(namespace, about, 'FailedCreate', CALL + cause, { component: 'replicaset-controller', first: 300 })
const guard = (ready: boolean) => [
  workload('Deployment', 'guard-system/guard'),
  service('guard-system/guard'),
  pod('guard-system/guard-7b9c5d4f6-abcde', { owner: 'ReplicaSet/guard-7b9c5d4f6', labels: { app: 'guard' }, ready }),
  endpointSlice('guard-system/guard', [{ pod: 'guard-7b9c5d4f6-abcde', ready }]),
]

describe('webhook-down-fail-closed', () => {
  it('names the configuration that is left of an operator, and all whose pods it stops', async () => {
    const objects = [configuration(), ...refused, failed('service "guard" not found')]
    const outcome = await evaluate(webhookDownFailClosed, { objects })
    expect(subjectsOf(outcome)).toEqual(['ValidatingWebhookConfiguration guard'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Service', namespace: 'shop', name: 'web' })
  })

  it('is a mechanism where its pods fail, whose reason is told elsewhere', async () => {
    const objects = [configuration(), ...refused, ...guard(false), failed('no endpoints available for service "guard"')]
    expect((await evaluate(webhookDownFailClosed, { objects })).findings[0]).toMatchObject({ kind: 'mechanism' })
  })

  it('is the cause where it is scaled to nothing, in the wording of old versions too', async () => {
    const gone = [
      workload('Deployment', 'guard-system/guard', { spec: { replicas: 0 } }, 0),
      service('guard-system/guard'),
    ]
    const objects = [
      configuration(),
      ...refused,
      ...gone,
      event('shop', 'ReplicaSet/web-6c8f7d9b5', 'FailedCreate', OLD),
    ]
    const outcome = await evaluate(webhookDownFailClosed, { objects })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('guard is scaled to 0')
  })

  it('sees that it stops its own pods', async () => {
    const own = [
      workload('Deployment', 'guard-system/guard', { status: { readyReplicas: 0 } }),
      service('guard-system/guard'),
      replicaSet('guard-system/guard-7b9c5d4f6', 'guard', 1),
    ]
    const deadlock = failed('no endpoints available for service "guard"', 'ReplicaSet/guard-7b9c5d4f6', 'guard-system')
    const outcome = await evaluate(webhookDownFailClosed, { objects: [configuration(), ...own, deadlock] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('stops its own pods')
  })

  it('reads that the caBundle has expired', async () => {
    const clientConfig = {
      service: { namespace: 'guard-system', name: 'guard' },
      caBundle: Buffer.from(EXPIRED).toString('base64'),
    }
    const x509 =
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-02-01T11:55:00Z is after 2021-01-01T00:00:00Z'
    const objects = [configuration({ clientConfig }), ...refused, ...guard(true), failed(x509)]
    const outcome = await evaluate(webhookDownFailClosed, { objects })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('caBundle has expired')
  })

  it('leaves open what is between where its pods are ready', async () => {
    const objects = [configuration(), ...refused, ...guard(true), failed('context deadline exceeded')]
    expect((await evaluate(webhookDownFailClosed, { objects })).findings[0]).toMatchObject({
      kind: 'cause',
      strength: 'strong',
    })
  })

  it('is quiet where a webhook decided, where it lets through, and where all got their pods', async () => {
    const denied = event(
      'shop',
      'ReplicaSet/web-6c8f7d9b5',
      'FailedCreate',
      'Error creating: admission webhook "check.example.com" denied the request: no',
    )
    expect(
      (await evaluate(webhookDownFailClosed, { objects: [configuration(), ...refused, ...guard(true), denied] }))
        .status,
    ).toBe('clear')
    const open = [configuration({ failurePolicy: 'Ignore' }), ...refused, failed('context deadline exceeded')]
    expect(await evaluate(webhookDownFailClosed, { objects: open })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
    const pods = ['a', 'b'].map((one) => pod(`shop/web-6c8f7d9b5-abcd${one}`, { owner: 'ReplicaSet/web-6c8f7d9b5' }))
    const again = [configuration(), ...refused, ...guard(true), ...pods, failed('context deadline exceeded')]
    expect(await evaluate(webhookDownFailClosed, { objects: again })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })

  it('is a risk where nobody was refused yet', async () => {
    const outcome = await evaluate(webhookDownFailClosed, { objects: [configuration(), ...guard(false)] })
    expect(outcome.findings).toMatchObject([{ kind: 'risk' }])
  })

  describe('of which no refusal is left', () => {
    const rules = (...resources: string[]) => [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources },
    ]
    const lacking = [
      workload('Deployment', 'shop/web', { status: { replicas: 1, updatedReplicas: 1 } }, 2),
      replicaSet('shop/web-6c8f7d9b5', 'web', 1, { spec: { replicas: 2 }, status: { replicas: 1 } }),
      pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5' }),
    ]
    const judge = (patch: Record<string, unknown>, ...more: readonly Thing[]) =>
      evaluate(webhookDownFailClosed, { objects: [configuration(patch), ...lacking, ...more], denied: ['events'] })

    it('is the cause where pods are lacking of which nobody can be asked', async () => {
      const { findings } = await judge({ rules: rules('pods') })
      expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
      expect(findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
    })

    it.each([
      ['is not asked of pods', { rules: rules('services') }],
      [
        'is not asked in that namespace',
        {
          rules: rules('pods'),
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } },
        },
      ],
      [
        'is asked of some pods, by conditions',
        { rules: rules('pods'), matchConditions: [{ name: 'a', expression: 'x' }] },
      ],
    ])('is a risk where it %s', async (_, patch) => {
      expect((await judge(patch)).findings).toMatchObject([{ kind: 'risk' }])
    })

    it('leaves it to who says that something else refuses the pods', async () => {
      const quota = event('shop', 'ReplicaSet/web-6c8f7d9b5', 'FailedCreate', 'Error creating: exceeded quota: team')
      const objects = [configuration({ rules: rules('pods') }), ...lacking, quota]
      expect((await evaluate(webhookDownFailClosed, { objects })).findings).toMatchObject([{ kind: 'risk' }])
    })

    it('says nothing of one that answers', async () => {
      expect((await judge({ rules: rules('pods') }, ...guard(true))).findings).toEqual([])
    })
  })
})
