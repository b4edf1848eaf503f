import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt } from '../../incident/kubernetes.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest } from '../../incident/telling.ts'
import { citeImageWait, IMAGE_REASONS, waitingContainer } from '../../incident/waiting.ts'
import { type Group, groupByWorkload } from '../group.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A tag or a repository that the registry does not have. */
export const imageNotFound: Rule<'image-not-found'> = {
  id: 'image-not-found',
  title: 'The registry does not have the image',
  domain: 'workload',
  needs: ['pods'],
  helps: ['events'],
  explains: ['not-starting', 'not-ready', 'rollout-stalled', 'no-endpoints', 'job-failing', 'unhealthy-condition'],
  explain: {
    mechanism:
      'The kubelet asks the registry for a tag or repository that is not there: it was never pushed, is misspelt, or a lifecycle policy deleted it. Pods on nodes that have the image cached go on; every new one waits in ImagePullBackOff. A name that is no name (InvalidImageName) and an image that must be on the node already (ErrImageNeverPull) end the same way.',
    proof: [
      'A container waits with ErrImagePull or ImagePullBackOff, and the message says not found, manifest unknown or name unknown.',
      'Docker Hub says "pull access denied … repository does not exist or may require authorization" of a repository that is not there.',
    ],
    lookAlikes: [
      'ecr-pull-denied-or-unreachable: the registry answers 401 or 403, or not at all.',
      'registry-rate-limit: it answers 429, toomanyrequests.',
      'bad-entrypoint-or-arch: the image is there, and not for this kind of processor.',
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
    for (const { workload, pods, said } of groupByWorkload(incident, ...MISSING, ...MAYBE)) {
      const waiting = pods.filter((pod) => waitingContainer(pod, IMAGE_REASONS))
      const now = said.filter((one) => isSaidNow(incident, one) && !isOfAll(incident, one))
      if (waiting.length === 0 || now.length === 0)
        yield reject(workload, 'An image was not found once, but no container waits for it now.')
      else yield describe(incident, { workload, pods: waiting, said: now })
    }
  },
}

const MISSING = ['image-not-found', 'invalid-image-name', 'image-never-pulled'] as const

/** What mostly means a wrong name, and may mean more. */
const MAYBE = ['image-missing-or-private', 'registry-name-unresolved'] as const

/** Whether what may mean more does mean more: a registry of one's own that wants a login, a lookup that fails for everyone. */
function isOfAll(incident: Incident, said: Said): boolean {
  if (said.id === 'image-missing-or-private') return !isOfDockerHub(imageOf(incident, said))
  if (said.id !== 'registry-name-unresolved') return false
  const same = incident.said(said.id).filter(({ values }) => values.host === said.values.host)
  return said.values.unknown === undefined || new Set(same.map(({ about }) => keyOf(incident.topOf(about)))).size > 1
}

/** The image that a pod waits for, whatever the words name. */
function imageOf(incident: Incident, { about }: Said): string {
  const pod = incident.podOf(about)
  return (pod && waitingContainer(pod, IMAGE_REASONS)?.image) ?? ''
}

/** A name of an image without a host is one of Docker Hub. */
function isOfDockerHub(image: string): boolean {
  const [host = '', ...path] = image.split('/')
  return path.length === 0 || host === 'docker.io' || !/[.:]|^localhost$/.test(host)
}

function describe(incident: Incident, { workload, pods, said }: Group): Finding {
  const image = tellImage(pods, said)
  const running = (incident.workloadOf(workload)?.pods ?? []).filter(({ ready }) => ready).length
  return {
    kind: 'cause',
    subject: workload,
    strength: strengthOf(pods, said),
    from: earliest(said.map(({ first }) => first)) ?? earliest(pods.map(({ created }) => created)),
    says: `${count(pods.length, 'pod')} of ${workload.name} cannot start because the image ${image} is not to be had: ${said[0]?.words ?? ''}.${running > 0 ? ` ${count(running, 'older pod')} still run.` : ''}`,
    cites: atLeastOne([
      ...said.slice(0, 3).map(({ citation }) => citation),
      ...pods.slice(0, 1).flatMap(citeImageWait),
    ]),
    affects: sufferersOf(incident, pods),
  }
}

function tellImage(pods: readonly Pod[], said: readonly Said[]): string {
  const named = said.map(({ values }) => values.image).find((image) => image !== undefined)
  return named ?? pods.map((pod) => waitingContainer(pod, IMAGE_REASONS)?.image).find((image) => image) ?? ''
}

/** Docker Hub gives one answer for what is missing and for what is private; without a pull secret it is mostly missing. */
function strengthOf(pods: readonly Pod[], said: readonly Said[]): Finding['strength'] {
  if (said.some(({ id }) => MISSING.some((one) => one === id))) return 'proof'
  return pods.some(({ json }) => listAt(json, 'spec', 'imagePullSecrets').length > 0) ? 'weak' : 'strong'
}
