import { describe, expect, it } from 'vitest'
import { quotaOrLimitrangeExceeded } from '../../../src/rules/workload/quota-or-limitrange-exceeded.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, pod, replicaSet, thing, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const SET = 'ReplicaSet/web-6c8f7d9b5'
const QUOTA =
  'Error creating: pods "web-6c8f7d9b5-abcde" is forbidden: exceeded quota: team, requested: requests.cpu=500m, used: requests.cpu=4, limited: requests.cpu=4'
const quota = thing('v1', 'ResourceQuota', 'shop/team', {
  status: { hard: { 'requests.cpu': '4' }, used: { 'requests.cpu': '4' } },
})
const set = replicaSet('shop/web-6c8f7d9b5', 'web', 1)
const objects = (said: string, replicas = 2) => [
  workload('Deployment', 'shop/web', {}, replicas),
  set,
  quota,
  event('shop', SET, 'FailedCreate', said),
]

describe('quota-or-limitrange-exceeded', () => {
  it('names the quota and whom it stops', async () => {
    const outcome = await evaluate(quotaOrLimitrangeExceeded, { objects: objects(QUOTA) })
    expect(subjectsOf(outcome)).toEqual(['ResourceQuota shop/team'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('names the workload that is outside a limit range', async () => {
    const said =
      'Error creating: pods "web-6c8f7d9b5-abcde" is forbidden: maximum cpu usage per Container is 1, but limit is 2'
    expect(subjectsOf(await evaluate(quotaOrLimitrangeExceeded, { objects: objects(said) }))).toEqual([
      'Deployment shop/web',
    ])
  })

  it('is quiet where the pods are there now', async () => {
    const scene = { objects: [...objects(QUOTA, 1), pod('shop/web-6c8f7d9b5-abcde', { owner: SET })] }
    expect((await evaluate(quotaOrLimitrangeExceeded, scene)).status).toBe('clear')
  })

  it('reads the refusal in the condition of the Deployment where no event is left', async () => {
    const failure = {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: QUOTA.replace('Error creating: ', ''),
      lastTransitionTime: ago(5000),
    }
    const scene = {
      objects: [workload('Deployment', 'shop/web', { status: { conditions: [failure] } }, 2), set, quota],
      denied: ['events'],
    }
    const outcome = await evaluate(quotaOrLimitrangeExceeded, scene)
    expect(outcome.findings).toMatchObject([{ strength: 'proof', subject: { kind: 'ResourceQuota', name: 'team' } }])
  })
})

describe('quota-or-limitrange-exceeded, of which nobody speaks', () => {
  const ask = (resources: unknown) => ({ spec: { containers: [{ name: 'app', resources }] } })
  const short = (template: unknown, replicas = 1, patch = {}) => [
    workload('Deployment', 'shop/web', { status: { replicas, updatedReplicas: replicas } }, 3),
    replicaSet('shop/web-6c8f7d9b5', 'web', 1, { spec: { replicas: 3, template }, status: { replicas }, ...patch }),
    ...Array.from({ length: replicas }, (_, index) => pod(`shop/web-6c8f7d9b5-aaaa${index}`, { owner: SET })),
  ]
  const limited = (hard: string, used: string, resource = 'requests.cpu', spec = {}) =>
    thing('v1', 'ResourceQuota', 'shop/team', {
      spec,
      status: { hard: { [resource]: hard, pods: '9' }, used: { [resource]: used, pods: '1' } },
    })
  const judge = (objects: readonly Thing[]) => evaluate(quotaOrLimitrangeExceeded, { objects, denied: ['events'] })
  const core = ask({ requests: { cpu: '1' } })

  it('names the quota that has no room for the next pod', async () => {
    const { findings } = await judge([...short(core), limited('1500m', '1')])
    expect(findings).toMatchObject([
      { strength: 'strong', subject: { kind: 'ResourceQuota' }, affects: [{ name: 'web' }] },
    ])
    expect(findings[0]?.says).toContain('requests.cpu: 1 of 1.5 is used, and a pod asks for 1')
  })

  it('counts what the LimitRange of the namespace fills in, and pods themselves', async () => {
    const range = thing('v1', 'LimitRange', 'shop/usual', {
      spec: { limits: [{ type: 'Container', default: { memory: '1Gi' }, defaultRequest: { cpu: '1' } }] },
    })
    const full = (quota: Thing) => judge([...short(ask({})), range, quota]).then(subjectsOf)
    expect(await full(limited('2Gi', '1536Mi', 'limits.memory'))).toHaveLength(1)
    expect(await full(limited('1', '500m', 'cpu'))).toHaveLength(1)
    expect(await full(limited('9', '9', 'count/pods'))).toHaveLength(1)
    expect(await full(limited('2Gi', '1Gi', 'limits.memory'))).toEqual([])
  })

  it('names the quota that counts what the pods do not specify', async () => {
    const told = (template: unknown, ...more: readonly Thing[]) =>
      judge([...short(template), limited('9', '1', 'limits.cpu'), ...more])
    const { findings } = await told(core)
    expect(findings).toMatchObject([{ strength: 'strong', subject: { kind: 'ResourceQuota' } }])
    expect(findings[0]?.says).toContain('counts limits.cpu, of which the container app of its pods does not say')
    const range = thing('v1', 'LimitRange', 'shop/usual', {
      spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] },
    })
    expect((await told(core, range)).findings).toEqual([])
    expect((await told(ask({ limits: { cpu: '1' } }))).findings).toEqual([])
    const ofPod = { spec: { resources: { limits: { cpu: '1' } }, containers: [{ name: 'app' }] } }
    expect((await told(ofPod)).findings).toEqual([])
  })

  const injector = (name: string, resources = ['pods']) =>
    thing('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', name, {
      webhooks: [
        {
          name: `${name}.example`,
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources, operations: ['CREATE'] }],
        },
      ],
    })
  const demands = limited('9', '1', 'limits.cpu')

  it('counts the pod as admission makes it, which an earlier one shows', async () => {
    const mutated = pod('shop/web-6c8f7d9b5-aaaa0', {
      owner: SET,
      containers: [{ spec: { resources: { limits: { cpu: '2' } } } }],
    })
    const [deployment, replicas] = short(core) as [Thing, Thing]
    expect((await judge([deployment, replicas, mutated, demands, injector('limits')])).findings).toEqual([])
    const full = limited('3', '2', 'limits.cpu')
    expect((await judge([deployment, replicas, mutated, full])).findings[0]?.says).toContain('a pod asks for 2')
  })

  it('only guesses where no pod shows what a webhook makes of the template', async () => {
    const strengths = async (...more: readonly Thing[]) =>
      (await judge([...short(core, 0), demands, ...more])).findings.map(({ strength }) => strength)
    expect(await strengths()).toEqual(['strong'])
    expect(await strengths(injector('limits'))).toEqual(['weak'])
    expect(await strengths(injector('other', ['services']))).toEqual(['strong'])
    expect(await strengths(injector('pod-identity-webhook'))).toEqual(['strong'])
    const denied = ['events', 'mutatingwebhookconfigurations.admissionregistration.k8s.io']
    const unseen = await evaluate(quotaOrLimitrangeExceeded, { objects: [...short(core, 0), demands], denied })
    expect(unseen.findings).toMatchObject([{ strength: 'weak' }])
  })

  it('doubts it where events were collected and none tells of a refusal', async () => {
    const { findings } = await evaluate(quotaOrLimitrangeExceeded, { objects: [...short(core), demands] })
    expect(findings).toMatchObject([{ strength: 'weak', missing: [expect.stringContaining('none says')] }])
  })

  it('points at the container, and advises what helps it', async () => {
    const [finding] = (await judge([...short(core), demands])).findings
    expect(finding?.cites.map((one) => 'pointer' in one && one.pointer)).toContainEqual(
      expect.stringContaining('/spec/template/spec/containers/0'),
    )
    expect(JSON.stringify(finding?.advice?.mitigate)).toContain('LimitRange')
    expect((await judge([...short(core), limited('1500m', '1')])).findings[0]?.advice).toBeUndefined()
  })

  it.each([
    ['has room for the next pod', [...short(core), limited('2', '1')]],
    ['counts what its pods do not ask for', [...short(core), limited('0', '0', 'requests.nvidia.com/gpu')]],
    ['counts other pods only', [...short(core), limited('1', '1', 'requests.cpu', { scopes: ['BestEffort'] })]],
    [
      'is of another namespace',
      [...short(core), { ...limited('1', '1'), metadata: { namespace: 'other', name: 'team' } }],
    ],
    ['is full, and the workload has all its pods', [...short(core, 3), limited('3', '3')]],
    [
      'is full, and the pods were asked for only now',
      [
        ...short(core, 1, { metadata: { managedFields: [wrote('kube-controller-manager', 20, {})] } }),
        limited('1', '1'),
      ],
    ],
  ] as const)('is quiet about a quota that %s', async (_, objects) => {
    expect((await judge(objects)).findings).toEqual([])
  })

  it('leaves a refusal that somebody tells of to whom it is about', async () => {
    const denied = event(
      'shop',
      SET,
      'FailedCreate',
      'Error creating: admission webhook "a.b.c" denied the request: no',
    )
    const objects = [...short(core), limited('1', '1'), denied]
    expect((await evaluate(quotaOrLimitrangeExceeded, { objects })).findings).toEqual([])
  })
})
