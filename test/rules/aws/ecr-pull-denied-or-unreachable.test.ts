import { describe, expect, it } from 'vitest'
import { ecrPullDeniedOrUnreachable } from '../../../src/rules/aws/ecr-pull-denied-or-unreachable.ts'
import type { Thing } from '../../incident/scene.ts'
import { event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:2'

function waiting(image: string, workload = 'web', patch: Record<string, unknown> = {}): Thing {
  const state = {
    ready: false,
    state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } },
  }
  return pod(`shop/${workload}-6c8f7d9b5-abcde`, {
    owner: `ReplicaSet/${workload}-6c8f7d9b5`,
    ready: false,
    containers: [{ image, status: state }],
    status: { phase: 'Pending' },
    ...patch,
  })
}

const failed = (image: string, cause: string, workload = 'web') =>
  event('shop', `Pod/${workload}-6c8f7d9b5-abcde`, 'Failed', `Failed to pull image "${image}": ${cause}`)

describe('ecr-pull-denied-or-unreachable', () => {
  it.each([
    [
      ECR,
      'rpc error: code = Unknown desc = Error response from daemon: Get https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/v2/web/manifests/2: no basic auth credentials',
    ],
    [
      ECR,
      `failed to pull and unpack image "${ECR}": failed to resolve reference "${ECR}": unexpected status from HEAD request to https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/v2/web/manifests/2: 403 Forbidden`,
    ],
    [
      'registry.example/web:2',
      'failed to pull and unpack image "registry.example/web:2": failed to resolve reference "registry.example/web:2": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://registry.example/token: 401 Unauthorized',
    ],
  ])('names the workload whose pull is refused: %s', async (image, cause) => {
    const outcome = await evaluate(ecrPullDeniedOrUnreachable, { objects: [waiting(image), failed(image, cause)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain(image.split('/')[0])
  })

  it('believes the same words of containerd where the registry is another', async () => {
    const image = 'registry.example/web:2'
    const cause = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`
    const outcome = await evaluate(ecrPullDeniedOrUnreachable, { objects: [waiting(image), failed(image, cause)] })
    expect(outcome.findings[0]).toMatchObject({ strength: 'proof' })
  })

  it('leaves what Docker Hub may not have to image-not-found, unless the pull secret is missing', async () => {
    const hub =
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed'
    const objects = [waiting('shop/web:2'), failed('shop/web:2', hub)]
    expect(await evaluate(ecrPullDeniedOrUnreachable, { objects })).toMatchObject({ status: 'clear', rejections: [{}] })
    const secret = event(
      'shop',
      'Pod/web-6c8f7d9b5-abcde',
      'FailedToRetrieveImagePullSecret',
      'Unable to retrieve some image pull secrets (hub-login); attempting to pull the image may not succeed.',
    )
    expect((await evaluate(ecrPullDeniedOrUnreachable, { objects: [...objects, secret] })).findings[0]?.says).toContain(
      'hub-login',
    )
  })

  it('names the registry that several workloads cannot reach', async () => {
    const cause = `failed to pull and unpack image "${ECR}": failed to resolve reference "${ECR}": failed to do request: Head "https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/v2/web/manifests/2": dial tcp 10.0.3.4:443: i/o timeout`
    const one = [waiting(ECR), failed(ECR, cause)]
    expect(subjectsOf(await evaluate(ecrPullDeniedOrUnreachable, { objects: one }))).toEqual(['Deployment shop/web'])
    const two = [...one, waiting(ECR, 'api'), failed(ECR, cause, 'api')]
    expect(subjectsOf(await evaluate(ecrPullDeniedOrUnreachable, { objects: two }))).toEqual([
      'Host 111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    ])
  })

  it('is quiet when the image is not there, and when the pod runs now', async () => {
    const missing = `rpc error: code = NotFound desc = failed to pull and unpack image "${ECR}": failed to resolve reference "${ECR}": ${ECR}: not found`
    expect((await evaluate(ecrPullDeniedOrUnreachable, { objects: [waiting(ECR), failed(ECR, missing)] })).status).toBe(
      'clear',
    )
    const runs = pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5' })
    expect(
      (await evaluate(ecrPullDeniedOrUnreachable, { objects: [runs, failed(ECR, 'no basic auth credentials')] }))
        .status,
    ).toBe('clear')
  })

  it.each([
    [ECR, /AmazonEC2ContainerRegistryPullOnly/, /ecr\.dkr/],
    ['team.azurecr.io/web:2', /AcrPull/, /private endpoint/],
    ['europe-docker.pkg.dev/project/team/web:2', /artifactregistry\.reader/, /Private Google Access/],
    ['eu.gcr.io/project/web:2', /artifactregistry\.reader/, /Private Google Access/],
    ['ghcr.io/team/web:2', /read:packages/, /ghcr\.io/],
    ['quay.io/team/web:2', /robot account/, /quay\.io/],
    ['team/web:2', /access token/, /registry-1\.docker\.io/],
    ['azurecr.io.registry.example:5000/web:2', /pull secret/, /Let the nodes reach the registry/],
  ])('advises what the registry of the image takes: %s', async (image, login, route) => {
    const advised = async (cause: string) => {
      const objects = [waiting(image), failed(image, cause)]
      const advice = (await evaluate(ecrPullDeniedOrUnreachable, { objects })).findings[0]?.advice
      return JSON.stringify(advice)
    }
    const denied = await advised('failed to authorize: 401 Unauthorized')
    expect(denied).toMatch(login)
    const unreachable = await advised(`dial tcp: lookup ${image.split('/')[0]}: i/o timeout`)
    expect(unreachable).toMatch(route)
    if (image !== ECR) expect(denied + unreachable).not.toMatch(/ECR|ecr\.dkr|AmazonEC2/)
    expect(unreachable).not.toContain('secret')
  })
})
