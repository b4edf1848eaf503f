import { describe, expect, it } from 'vitest'
import { registryRateLimit } from '../../../src/rules/workload/registry-rate-limit.ts'
import { event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const LIMIT =
  'Failed to pull image "nginx:1": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.'
const QPS = 'Failed to pull image "nginx:1": pull QPS exceeded'
const sick = pod(`shop/${NAME}`, {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  ready: false,
  containers: [{ status: { ready: false, state: { waiting: { reason: 'ErrImagePull', message: '' } } } }],
  status: { phase: 'Pending' },
})

describe('registry-rate-limit', () => {
  it('fires on the words of the registry', async () => {
    const outcome = await evaluate(registryRateLimit, {
      objects: [sick, event('shop', `Pod/${NAME}`, 'Failed', LIMIT)],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })

  it('is quiet when the kubelet limits itself, and when it is over', async () => {
    const scenes = [
      { objects: [sick, event('shop', `Pod/${NAME}`, 'Failed', QPS)] },
      { objects: [pod(`shop/${NAME}`), event('shop', `Pod/${NAME}`, 'Failed', LIMIT)] },
    ]
    for (const scene of scenes) expect((await evaluate(registryRateLimit, scene)).status).toBe('clear')
  })

  it('is quiet about a limit of hours ago while another image is pulled', async () => {
    const before = event('shop', `Pod/${NAME}`, 'Failed', LIMIT, { last: 7200 })
    expect((await evaluate(registryRateLimit, { objects: [sick, before] })).findings).toEqual([])
  })
})
