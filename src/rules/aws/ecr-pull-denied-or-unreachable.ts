import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellNames } from '../../incident/telling.ts'
import { citeImageWait, IMAGE_REASONS, waitingContainer } from '../../incident/waiting.ts'
import { groupByWorkload } from '../group.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { adviseLogin, adviseRoute, KEEP, LOOK } from './registry-advice.ts'

/** A registry, ECR or any other, that refuses the credentials of a pull, or cannot be reached. */
export const ecrPullDeniedOrUnreachable: Rule<'ecr-pull-denied-or-unreachable'> = {
  id: 'ecr-pull-denied-or-unreachable',
  title: 'The registry refuses the pull, or cannot be reached',
  domain: 'aws',
  needs: ['pods'],
  helps: ['events', 'nodes', 'secrets'],
  explains: [
    'not-starting',
    'not-ready',
    'rollout-stalled',
    'no-endpoints',
    'job-failing',
    'node-unhealthy',
    'unhealthy-condition',
  ],
  explain: {
    mechanism:
      'The kubelet asks the registry with the pull secrets of the pod, or with the identity of the node where the registry is of the same cloud (ECR, Azure, Google). A registry that answers 401 or 403 knows no such login, or does not let it read; one that does not answer at all is behind a route, a proxy, an endpoint or a name that is missing. Pods whose image is on their node already are not touched, so it shows first on new nodes; when the pause image cannot be pulled, nothing starts there.',
    proof: [
      'A container waits with ErrImagePull or ImagePullBackOff, and the message says 401, 403, "no basic auth credentials", "pull access denied", or names a connection that failed.',
      'The event FailedToRetrieveImagePullSecret names a pull secret that is not there.',
    ],
    lookAlikes: [
      'image-not-found: the registry answers that it has no such image.',
      'registry-rate-limit: it answers 429, toomanyrequests.',
      'coredns-upstream-timeout does not matter here: the kubelet uses the name server of the node.',
    ],
    mitigate: [
      LOOK,
      {
        says: 'Make the pull secret that the pods name, or let the identity of the nodes pull again: of ECR the policy AmazonEC2ContainerRegistryPullOnly, of Azure the role AcrPull, of Google artifactregistry.reader.',
        command:
          'kubectl create secret docker-registry NAME -n {namespace} --docker-server=… --docker-username=… --docker-password=…',
        changes: true,
      },
      KEEP,
    ],
    fix: [
      'Give each namespace its pull secret by the service account, and nodes in private networks a way to the registry: of ECR the endpoints ecr.api, ecr.dkr and S3, of Azure a private endpoint, of Google Private Google Access.',
    ],
    links: [
      'https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/',
      'https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html',
      'https://learn.microsoft.com/azure/aks/cluster-container-registry-integration',
      'https://cloud.google.com/artifact-registry/docs/integrate-gke',
    ],
  },
  *evaluate(incident) {
    yield* findDenied(incident)
    yield* findUnreachable(incident)
  },
}

const UNREACHABLE = [
  'registry-unreachable',
  'registry-name-unresolved',
  'registry-certificate-invalid',
  'registry-server-error',
  'registry-speaks-plain-http',
] as const satisfies readonly MessageId[]

/** What says more exactly why an image does not come. */
const OTHERWISE: ReadonlySet<MessageId> = new Set<MessageId>([
  'image-not-found',
  'registry-rate-limit',
  'image-platform-missing',
  'invalid-image-name',
  'image-pull-disk-full',
])

function* findDenied(incident: Incident) {
  for (const { workload, pods, said } of groupByWorkload(incident, 'image-pull-denied')) {
    const waiting = pods.filter((pod) => waitingContainer(pod, IMAGE_REASONS))
    const now = said.filter((one) => isSaidNow(incident, one))
    if (waiting.length === 0 || now.length === 0) {
      yield reject(workload, 'The registry refused a pull once, but no container waits for an image now.')
      continue
    }
    const hint = missingSecrets(incident, waiting)
    if (hint.length > 0 || !isAboutSomethingElse(incident, now, waiting))
      yield describeDenied(incident, workload, waiting, now, hint)
    else
      yield reject(workload, 'The registry says rather that there is no such image, or that it may not be told apart.')
  }
}

/** Docker Hub denies what does not exist; without a login it is mostly that. containerd says the same words of every registry. */
function isAboutSomethingElse(incident: Incident, said: readonly Said[], pods: readonly Pod[]): boolean {
  const isHub = registryOf(pods) === HUB
  return said.every((one) => {
    const ids = incident
      .saidAbout(one.about)
      .filter(({ text }) => text === one.text)
      .map(({ id }) => id)
    const isLoggedIn = (incident.podOf(one.about)?.uses ?? []).some(({ how }) => how === 'imagePullSecret')
    return ids.some((id) => OTHERWISE.has(id)) || (isHub && ids.includes('image-missing-or-private') && !isLoggedIn)
  })
}

const HUB = 'docker.io'

/** Registries that answer in the same way for what is not there. */
const DISCREET: ReadonlySet<string> = new Set([HUB, 'quay.io', 'ghcr.io', 'registry.gitlab.com'])

/** Events that name pull secrets of these pods which are not there. */
function missingSecrets(incident: Incident, pods: readonly Pod[]): readonly Said[] {
  const keys = new Set(pods.map(({ ref }) => keyOf(ref)))
  return incident.said('missing-pull-secret').filter((one) => keys.has(keyOf(one.about)) && isSaidNow(incident, one))
}

function describeDenied(
  incident: Incident,
  workload: Ref,
  pods: readonly Pod[],
  said: readonly Said[],
  secrets: readonly Said[],
): Finding {
  const names = [...new Set(secrets.flatMap(({ values }) => (values.names ?? '').split(', ')))].filter(
    (one) => one !== '',
  )
  return {
    kind: 'cause',
    subject: workload,
    strength: secrets.length > 0 || !DISCREET.has(registryOf(pods)) ? 'proof' : 'strong',
    from: earliest(said.map(({ first }) => first)) ?? earliest(pods.map(({ created }) => created)),
    says: `The registry ${registryOf(pods)} refuses to give ${count(pods.length, 'pod')} of ${workload.name} their image: ${shorten(said[0]?.words ?? '')}.${names.length > 0 ? ` The pull secret ${tellNames(names)} is not there.` : ''}`,
    cites: atLeastOne([
      ...secrets.slice(0, 1).map(({ citation }) => citation),
      ...said.slice(0, 3).map(({ citation }) => citation),
      ...pods.slice(0, 1).flatMap(citeImageWait),
    ]),
    affects: sufferersOf(incident, pods),
    advice: adviseLogin(registryOf(pods)),
  }
}

/** One finding for each workload; for the registry itself where it fails several. */
function* findUnreachable(incident: Incident): Generator<Finding> {
  const groups = groupByWorkload(incident, ...UNREACHABLE).flatMap(({ workload, pods, said }) => {
    const waiting = pods.filter((pod) => waitingContainer(pod, IMAGE_REASONS))
    const now = said.filter((one) => isSaidNow(incident, one) && !saysMore(incident, one))
    return waiting.length > 0 && now.length > 0 ? [{ workload, pods: waiting, said: now }] : []
  })
  for (const [registry, members] of Map.groupBy(groups, ({ pods }) => registryOf(pods))) {
    const pods = members.flatMap((one) => one.pods)
    const said = members.flatMap((one) => one.said)
    const [only] = members
    const subject = members.length === 1 && only ? only.workload : { kind: 'Host', name: registry }
    const nodes = new Set(pods.map(({ node }) => node))
    yield {
      kind: 'cause',
      subject,
      strength: 'strong',
      from: earliest(said.map(({ first }) => first)),
      says: `${count(pods.length, 'pod')} of ${tellNames(members.map(({ workload }) => workload.name))} on ${count(nodes.size, 'node')} cannot pull from ${registry}: ${shorten(said[0]?.words ?? '', 160)}.`,
      cites: atLeastOne(said.slice(0, 4).map(({ citation }) => citation)),
      affects: uniqueRefs([...sufferersOf(incident, pods)]),
      advice: adviseRoute(registry),
    }
  }
}

function saysMore(incident: Incident, said: Said): boolean {
  const same = incident.saidAbout(said.about).filter(({ text }) => text === said.text)
  return same.some(({ id }) => OTHERWISE.has(id) || id === 'image-pull-denied')
}

/** The host of an image's name; without one it is Docker Hub (distribution reference). */
function registryOf(pods: readonly Pod[]): string {
  const image = pods.map((pod) => waitingContainer(pod, IMAGE_REASONS)?.image).find((one) => one) ?? ''
  const [host = ''] = image.split('/')
  const isHost = image.includes('/') && (/[.:]/.test(host) || host === 'localhost')
  return isHost && !host.endsWith('.docker.io') ? host : HUB
}
