import { describe, expect, it } from 'vitest'
import { podsecurityOrPolicyRejected } from '../../../src/rules/workload/podsecurity-or-policy-rejected.ts'
import { quotaOrLimitrangeExceeded } from '../../../src/rules/workload/quota-or-limitrange-exceeded.ts'
import { event, pod, replicaSet, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const SET = 'ReplicaSet/web-6c8f7d9b5'
const FORBIDDEN =
  'Error creating: pods "web-6c8f7d9b5-abcde" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)'
const set = replicaSet('shop/web-6c8f7d9b5', 'web', 1)
const lacking = [workload('Deployment', 'shop/web', {}, 2), set]

describe('podsecurity-or-policy-rejected', () => {
  it('names the workload and what is forbidden', async () => {
    const outcome = await evaluate(podsecurityOrPolicyRejected, {
      objects: [...lacking, event('shop', SET, 'FailedCreate', FORBIDDEN)],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('allowPrivilegeEscalation')
  })

  it('reads the condition of the Deployment where no event is left', async () => {
    const message = FORBIDDEN.replace('Error creating: ', '')
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }
    const objects = [workload('Deployment', 'shop/web', { status: { conditions: [failure] } }, 2), set]
    const outcome = await evaluate(podsecurityOrPolicyRejected, { objects, denied: ['events'] })
    expect(outcome.findings).toMatchObject([{ strength: 'proof', subject: { kind: 'Deployment', name: 'web' } }])
  })

  it('names the policy that a webhook keeps', async () => {
    const denied =
      'Error creating: admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/shop was blocked'
    const outcome = await evaluate(podsecurityOrPolicyRejected, {
      objects: [...lacking, event('shop', SET, 'FailedCreate', denied)],
    })
    expect(outcome.findings[0]?.says).toContain('validate.kyverno.svc-fail')
  })

  it('reads the refusal of the kubelet to run as root', async () => {
    const state = {
      waiting: {
        reason: 'CreateContainerConfigError',
        message: 'container has runAsNonRoot and image will run as root',
      },
    }
    const sick = pod('shop/web-6c8f7d9b5-abcde', { owner: SET, ready: false, containers: [{ status: { state } }] })
    expect(subjectsOf(await evaluate(podsecurityOrPolicyRejected, { objects: [sick] }))).toEqual([
      'Deployment shop/web',
    ])
  })

  it('is quiet about a webhook that cannot be asked, a quota, and what is over', async () => {
    const down =
      'Error creating: Internal error occurred: failed calling webhook "validate.kyverno.svc-fail": failed to call webhook: Post "https://kyverno.kyverno.svc:443/validate": no endpoints available for service "kyverno"'
    const enough = [workload('Deployment', 'shop/web'), set, pod('shop/web-6c8f7d9b5-abcde', { owner: SET })]
    for (const objects of [
      [...lacking, event('shop', SET, 'FailedCreate', down)],
      [...enough, event('shop', SET, 'FailedCreate', FORBIDDEN)],
    ])
      expect((await evaluate(podsecurityOrPolicyRejected, { objects })).status).toBe('clear')
    const outcome = await evaluate(quotaOrLimitrangeExceeded, {
      objects: [...lacking, event('shop', SET, 'FailedCreate', FORBIDDEN)],
    })
    expect(outcome.status).toBe('clear')
  })

  it('is quiet about a start as root that was refused hours ago, or that is mended', async () => {
    const said = 'Error: container has runAsNonRoot and image will run as root'
    const state = { waiting: { reason: 'CreateContainerConfigError', message: 'secret "login" not found' } }
    const options = { owner: SET, created: 9000 }
    const waiting = pod('shop/web-6c8f7d9b5-abcde', { ...options, ready: false, containers: [{ status: { state } }] })
    for (const objects of [
      [waiting, event('shop', 'Pod/web-6c8f7d9b5-abcde', 'Failed', said, { last: 7200 })],
      [pod('shop/web-6c8f7d9b5-abcde', options), event('shop', 'Pod/web-6c8f7d9b5-abcde', 'Failed', said)],
    ])
      expect((await evaluate(podsecurityOrPolicyRejected, { objects })).status).toBe('clear')
  })
})
