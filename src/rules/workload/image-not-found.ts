import { atLeastOne } from '../../incident/citation.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Said } from '../../incident/statement.ts'
import { groupByWorkload } from '../group.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A tag or a repository that the registry does not have. */
export const imageNotFound: Rule<'image-not-found'> = {
  id: 'image-not-found',
  title: 'The registry does not have the image',
  domain: 'workload',
  needs: ['pods'],
  helps: ['events'],
  explains: ['not-starting', 'rollout-stalled', 'no-endpoints'],
  explain: {
    mechanism:
      'The kubelet asks the registry for a tag or repository that is not there: it was never pushed, is misspelt, or a lifecycle policy deleted it. Pods on nodes that have the image cached go on; every new one waits in ImagePullBackOff.',
    proof: [
      'A container waits with ErrImagePull or ImagePullBackOff, and the message says not found, manifest unknown or name unknown.',
    ],
    lookAlikes: [
      'ecr-pull-denied-or-unreachable: the registry answers 401 or 403, or not at all.',
      'registry-rate-limit: it answers 429, toomanyrequests.',
    ],
    mitigate: [
      {
        says: 'Go back to the last image that ran.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Deploy by digest or by tags that are never reused, and check in CI that the image is in the registry.'],
    links: ['https://kubernetes.io/docs/concepts/containers/images/'],
  },
  *evaluate(incident) {
    for (const { workload, pods, said } of groupByWorkload(incident, 'image-not-found', 'invalid-image-name')) {
      const waiting = pods.filter(waitsForImage)
      if (waiting.length === 0)
        yield reject(workload, 'The image was not found once, but no container waits for an image now.')
      else yield describe(workload, waiting, said)
    }
  },
}

function waitsForImage(pod: Pod): boolean {
  return pod.containers.some(
    ({ state }) => state.kind === 'waiting' && /^(ErrImagePull|ImagePullBackOff|InvalidImageName)$/.test(state.reason),
  )
}

function describe(workload: Finding['subject'], pods: readonly Pod[], said: readonly Said[]): Finding {
  const [first] = said
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: first?.first ?? pods[0]?.created,
    says: `${pods.length} pods of ${workload.name} wait for an image that the registry does not have: ${first?.values.image ?? ''}.`,
    cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
    affects: pods.map(({ ref }) => ref),
  }
}
