import { describe, expect, it } from 'vitest'
import { imageNotFound } from '../../../src/rules/workload/image-not-found.ts'
import { event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const PULL =
  'Failed to pull image "registry.example/web:2": rpc error: code = NotFound desc = failed to pull and unpack image "registry.example/web:2": failed to resolve reference "registry.example/web:2": registry.example/web:2: not found'
const HUB =
  'Failed to pull image "webb:2": rpc error: code = Unknown desc = Error response from daemon: pull access denied for webb, repository does not exist or may require \'docker login\': denied: requested access to the resource is denied'
const NAME = 'web-6c8f7d9b5-abcde'
const waiting = {
  ready: false,
  state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "registry.example/web:2"' } },
}
const sick = pod(`shop/${NAME}`, {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  ready: false,
  containers: [{ status: waiting }],
  status: { phase: 'Pending' },
})

describe('image-not-found', () => {
  it('names the workload whose pods wait for an image that is not there', async () => {
    const outcome = await evaluate(imageNotFound, { objects: [sick, event('shop', `Pod/${NAME}`, 'Failed', PULL)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('registry.example/web:2')
  })

  it('takes the answer of Docker Hub for a missing repository, and that of other registries for a refusal', async () => {
    const said = event('shop', `Pod/${NAME}`, 'Failed', HUB)
    const hub = pod(`shop/${NAME}`, {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      ready: false,
      containers: [{ image: 'webb:2', status: waiting }],
    })
    expect((await evaluate(imageNotFound, { objects: [hub, said] })).findings[0]?.strength).toBe('strong')
    expect((await evaluate(imageNotFound, { objects: [sick, said] })).status).toBe('clear')
  })

  it('takes the name of a registry that is not found for misspelt, if only one workload has it', async () => {
    const lookup = (cause: string) =>
      `Failed to pull image "registri.example/web:2": failed to do request: Head "https://registri.example/v2/web/manifests/2": dial tcp: lookup registri.example on 10.0.0.2:53: ${cause}`
    const said = (cause: string) => [sick, event('shop', `Pod/${NAME}`, 'Failed', lookup(cause))]
    expect((await evaluate(imageNotFound, { objects: said('no such host') })).findings[0]?.strength).toBe('strong')
    expect((await evaluate(imageNotFound, { objects: said('server misbehaving') })).status).toBe('clear')
  })

  it('is quiet when the registry refuses', async () => {
    const denied =
      'Failed to pull image "registry.example/web:2": failed to authorize: failed to fetch oauth token: 403 Forbidden'
    const outcome = await evaluate(imageNotFound, { objects: [sick, event('shop', `Pod/${NAME}`, 'Failed', denied)] })
    expect(outcome.status).toBe('clear')
  })

  it('is quiet when the pod runs now, and says why', async () => {
    const outcome = await evaluate(imageNotFound, {
      objects: [pod(`shop/${NAME}`), event('shop', `Pod/${NAME}`, 'Failed', PULL)],
    })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('is quiet about what a registry said hours ago of an image that is slow to come now', async () => {
    const outcome = await evaluate(imageNotFound, {
      objects: [sick, event('shop', `Pod/${NAME}`, 'Failed', PULL, { last: 7200 })],
    })
    expect(outcome).toMatchObject({ findings: [], rejections: [{ kind: 'rejected' }] })
  })
})
