import { reasonsIn } from '../../incident/classes-of-text.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LogClass } from '../../incident/logs/log-summary.ts'
import { madeBy } from '../../incident/made-by.ts'
import { meaningOf } from '../../incident/meaning-of-words.ts'
import { isFailing } from '../../incident/pod.ts'
import { describeRef, uniqueRefs } from '../../incident/reference.ts'
import { shorten } from '../../incident/telling.ts'
import { findUnwell, type Unwell } from '../../incident/unwell.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A custom resource that says itself why it is not well. */
export const operatorReportedFailure: Rule<'operator-reported-failure'> = {
  id: 'operator-reported-failure',
  title: 'An operator says why what it looks after is not well',
  domain: 'workload',
  needs: [],
  helps: ['logs'],
  explains: ['unhealthy-condition', 'warnings', 'errors'],
  explain: {
    mechanism:
      'Operators call what lies outside the cluster for a custom resource: a bucket, a repository, a cloud, an authority. When that refuses them, cannot be reached, or the definition of the resource is not understood, they write the answer into its status and try again; no pod is ill, and nothing else tells of it.',
    proof: [
      'A condition, or the phase, of the resource says that it is not well, and its message has the answer: denied, unauthorized, not trusted, no such host, refused, invalid.',
      'The log of the operator repeats the same words.',
    ],
    lookAlikes: [
      'external-secret-not-refreshed, cert-expired, route-leads-nowhere and other rules that know the kind of the resource.',
      'Pods of the resource that crash or do not start: what they suffer from is the reason.',
      'rbac-forbidden: the API server refuses the operator.',
    ],
    mitigate: [
      {
        says: 'Read what the operator says of it.',
        command: 'kubectl get {kind} {name} -n {namespace} -o yaml',
        changes: false,
      },
      { says: 'Give it the credentials, the right or the name that the message asks for.', changes: true },
    ],
    fix: ['Alert on custom resources that are not ready: a backup that is not made is missed on the day it is needed.'],
    links: ['https://kubernetes.io/docs/concepts/extend-kubernetes/operator/'],
  },
  *evaluate(incident) {
    for (const unwell of findUnwell(incident).filter(isUnknownKind)) {
      const { object, message } = unwell
      const classes = reasonsIn(message)
      if (classes.length === 0) continue
      const sick = madeBy(incident, object).find((ref) => isSick(incident, ref))
      if (sick) yield reject(object.ref, `${describeRef(sick)}, which it made, is not well itself.`)
      else yield describe(incident, unwell, classes)
    }
  },
}

/** Kinds that have rules of their own. */
const KNOWN =
  /^(?:external-secrets\.io|(?:acme\.)?cert-manager\.io|karpenter\.sh|karpenter\.k8s\.aws|gateway\.networking\.k8s\.io|elbv2\.k8s\.aws|chaos-mesh\.org|litmuschaos\.io)$/

function isUnknownKind({ object: { group } }: Unwell): boolean {
  return !KNOWN.test(group)
}

function isSick(incident: Incident, ref: Parameters<Incident['podOf']>[0]): boolean {
  const pods = incident.workloadOf(ref)?.pods ?? [incident.podOf(ref)]
  return pods.some((pod) => pod !== undefined && isFailing(pod))
}

function describe(
  incident: Incident,
  { object, state, message, since, cites }: Unwell,
  classes: readonly LogClass[],
): Finding {
  const { ref } = object
  const meaning = meaningOf({ text: message, classes })
  return {
    kind: 'cause',
    subject: ref,
    strength: 'weak',
    from: since,
    says: `${ref.kind} ${ref.name} ${state} and says why: "${shorten(message, 260)}".${meaning ? ` ${meaning}` : ''}`,
    cites,
    affects: uniqueRefs([ref, ...operatorsSaying(incident, object, message)]),
  }
}

/** The operator, where its log repeats the words. */
function operatorsSaying(incident: Incident, { ref }: Unwell['object'], message: string) {
  const words = message.slice(-40)
  return incident.logs
    .filter(({ namespace, summary }) => {
      return (
        summary.templates.some(({ lastLine: { text } }) => text.includes(ref.name) && text.includes(words)) &&
        namespace !== ''
      )
    })
    .map(({ namespace, pod }) => incident.topOf({ kind: 'Pod', namespace, name: pod }))
}
