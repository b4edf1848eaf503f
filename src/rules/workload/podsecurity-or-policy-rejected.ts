import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { isSaidNow } from '../../incident/lately.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten } from '../../incident/telling.ts'
import { findRefusals, type Refused } from '../../incident/uncreated.ts'
import { CONFIG_REASONS, waitingContainer } from '../../incident/waiting.ts'
import { groupByWorkload } from '../group.ts'
import type { Finding, Rule } from '../rule.ts'

/** Pods that a policy forbids: of the API server, of a webhook that works, or of the kubelet. */
export const podsecurityOrPolicyRejected: Rule<'podsecurity-or-policy-rejected'> = {
  id: 'podsecurity-or-policy-rejected',
  title: 'A policy forbids the pods',
  domain: 'workload',
  seeds: ['KIA 4.2.2'],
  needs: [],
  helps: ['events', 'deployments.apps', 'replicasets.apps', 'namespaces'],
  explains: [
    'not-created',
    'not-starting',
    'not-ready',
    'no-endpoints',
    'rollout-stalled',
    'job-failing',
    'unhealthy-condition',
  ],
  explain: {
    mechanism:
      'Pod Security admission, a policy engine or an admission policy looked at the pod and said no, so its ReplicaSet cannot create it. Pods that run already are left alone: a stricter label on a namespace, or a new policy, shows only when pods are replaced. The kubelet forbids in the same way a container that would run as root with runAsNonRoot.',
    proof: [
      'An event FailedCreate on the ReplicaSet, StatefulSet, DaemonSet or Job says violates PodSecurity, or admission webhook … denied the request.',
      'The Deployment has the condition ReplicaFailure True with the reason FailedCreate.',
    ],
    lookAlikes: [
      'webhook-down-fail-closed: the webhook could not be asked (failed calling webhook).',
      'quota-or-limitrange-exceeded: the refusal speaks of a quota or a limit range.',
      'rbac-forbidden: the controller itself lacks the right.',
    ],
    mitigate: [
      {
        says: 'See what the namespace demands.',
        command: 'kubectl get namespace {namespace} --show-labels',
        changes: false,
      },
      {
        says: 'Warn instead of enforcing, until the pods comply.',
        command: 'kubectl label namespace {namespace} pod-security.kubernetes.io/enforce=baseline --overwrite',
        changes: true,
      },
    ],
    fix: [
      'Set the securityContext that the policy asks for, and test manifests against the policies in CI (kubectl apply --dry-run=server).',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/security/pod-security-admission/',
      'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
    ],
  },
  *evaluate(incident) {
    for (const refused of findRefusals(incident, 'pod-security-violation', 'policy-denied'))
      yield describe(incident, refused)
    for (const { workload, pods, said } of groupByWorkload(incident, 'root-user-refused')) {
      const waiting = pods.filter((pod) => waitingContainer(pod, CONFIG_REASONS))
      const now = said.filter((one) => isSaidNow(incident, one))
      if (waiting.length > 0 && now.length > 0)
        yield finding(incident, workload, now, `${workload.name} cannot start a container as root`)
    }
  },
}

function describe(incident: Incident, { workload, said, lacking }: Refused): Finding {
  const [first] = said as readonly [Said, ...Said[]]
  const by = first.values.webhook ?? first.values.policy ?? `Pod Security "${first.values.level ?? ''}"`
  return finding(
    incident,
    workload,
    said,
    `${by} forbids ${lacking === undefined ? 'the pods' : count(lacking, 'pod')} of ${workload.name}`,
  )
}

function finding(incident: Incident, workload: Ref, said: readonly Said[], what: string): Finding {
  const [first] = said as readonly [Said, ...Said[]]
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: earliest(said.map((one) => one.first)),
    says: `${what}: ${shorten(first.values.cause ?? first.words, 260)}.`,
    cites: atLeastOne([...said.slice(0, 3).map(({ citation }) => citation), ...citeLabel(incident, workload)]),
    affects: uniqueRefs([
      workload,
      ...said.map(({ about }) => about),
      ...sufferersOf(incident, incident.workloadOf(workload)?.pods.filter(({ ready }) => !ready) ?? []),
      ...servicesOf(incident, workload),
    ]),
  }
}

/** Services of pods that are left, which must serve for those that cannot be created. */
function servicesOf(incident: Incident, workload: Ref): readonly Ref[] {
  return incident.services
    .filter(({ pods }) => pods.some((pod) => keyOf(pod.workload) === keyOf(workload)))
    .map(({ object }) => object.ref)
}

function citeLabel(incident: Incident, { namespace = '' }: Ref): readonly Citation[] {
  const object = incident.find('Namespace', undefined, namespace)
  const label = 'pod-security.kubernetes.io/enforce'
  return object && label in object.labels ? [cite(object, ['metadata', 'labels', label])] : []
}
