import { describe, expect, it } from 'vitest'
import { imageNotFound } from '../../../src/rules/workload/image-not-found.ts'
import { event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const PULL =
  'Failed to pull image "registry.example/web:2": rpc error: code = NotFound desc = failed to pull and unpack image "registry.example/web:2": failed to resolve reference "registry.example/web:2": registry.example/web:2: not found'
const waiting = {
  ready: false,
  state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "registry.example/web:2"' } },
}
const sick = pod('shop/web-6c8f7d9b5-abcde', {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  ready: false,
  containers: [{ status: waiting }],
  status: { phase: 'Pending' },
})

describe('image-not-found', () => {
  it('names the workload whose pods wait for an image that is not there', async () => {
    const outcome = await evaluate(imageNotFound, {
      objects: [sick, event('shop', 'Pod/web-6c8f7d9b5-abcde', 'Failed', PULL)],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('registry.example/web:2')
  })

  it('is quiet when the registry refuses', async () => {
    const denied =
      'Failed to pull image "registry.example/web:2": failed to authorize: failed to fetch oauth token: 403 Forbidden'
    expect(
      (await evaluate(imageNotFound, { objects: [sick, event('shop', 'Pod/web-6c8f7d9b5-abcde', 'Failed', denied)] }))
        .status,
    ).toBe('clear')
  })
})
