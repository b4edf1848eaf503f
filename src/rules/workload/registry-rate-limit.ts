import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { isSaidNow } from '../../incident/lately.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten } from '../../incident/telling.ts'
import { IMAGE_REASONS, waitingContainer } from '../../incident/waiting.ts'
import { type Group, groupByWorkload } from '../group.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A registry that refuses more pulls for now. */
export const registryRateLimit: Rule<'registry-rate-limit'> = {
  id: 'registry-rate-limit',
  title: 'The registry limits how many images may be pulled',
  domain: 'workload',
  needs: ['pods'],
  helps: ['events', 'nodes'],
  explains: ['not-starting', 'not-ready', 'rollout-stalled', 'no-endpoints', 'job-failing'],
  explain: {
    mechanism:
      'A registry counts pulls for each account or source address. Where many nodes come at once, by a scale-out, an upgrade or a replacement, and share one NAT address without logging in, the quota is used up and every further pull is refused for hours. Pods whose image is on their node already are not touched.',
    proof: ['The event Failed or the waiting message says toomanyrequests, or 429 Too Many Requests.'],
    lookAlikes: [
      'The kubelet itself limits pulls (pull QPS exceeded): the registry said nothing.',
      'ecr-pull-denied-or-unreachable: 401, 403 or no answer.',
    ],
    mitigate: [
      {
        says: 'See which images come from the limited registry.',
        command: "kubectl get pods -A -o jsonpath='{..image}' | tr ' ' '\\n' | sort | uniq -c",
        changes: false,
      },
      {
        says: 'Log in: an account has a larger quota than an address.',
        command:
          'kubectl create secret docker-registry registry-login -n {namespace} --docker-username=… --docker-password=…',
        changes: true,
      },
    ],
    fix: [
      'Pull through a cache of your own, such as a pull-through rule of ECR, and do not use imagePullPolicy Always for fixed tags.',
    ],
    links: [
      'https://docs.docker.com/docker-hub/usage/',
      'https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html',
    ],
  },
  *evaluate(incident) {
    for (const group of groupByWorkload(incident, 'registry-rate-limit')) {
      const pods = group.pods.filter((pod) => waitingContainer(pod, IMAGE_REASONS))
      const said = group.said.filter((one) => isSaidNow(incident, one))
      if (pods.length === 0 || said.length === 0)
        yield reject(group.workload, 'The registry refused pulls once, but no container waits for an image now.')
      else yield describe(incident, { ...group, pods, said })
    }
  },
}

function describe(incident: Incident, { workload, pods, said }: Group): Finding {
  const nodes = new Set(pods.map(({ node }) => node)).size
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: earliest(said.map(({ first }) => first)),
    says: `The registry refuses pulls for ${count(pods.length, 'pod')} of ${workload.name} on ${count(nodes, 'node')}: ${shorten(said[0]?.words ?? '')}.`,
    cites: atLeastOne(said.slice(0, 4).map(({ citation }) => citation)),
    affects: sufferersOf(incident, pods),
  }
}
