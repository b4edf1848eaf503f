import { atLeastOne, cite } from '../../incident/citation.ts'
import { type Condition, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeObject } from '../../incident/object.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { shorten, tellSpan } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { reject } from '../rule.ts'

/** Namespaces that do not go away. */
export const namespaceStuckTerminating: Rule<'namespace-stuck-terminating'> = {
  id: 'namespace-stuck-terminating',
  title: 'A namespace does not go away',
  domain: 'termination',
  seeds: ['KIA 11.1.4'],
  needs: ['namespaces'],
  explains: ['stuck-terminating', 'not-created'],
  explain: {
    mechanism:
      'A namespace goes when everything in it is gone. An object in it waits for a finalizer, or the API server cannot list some kind because an aggregated API does not answer. Meanwhile nothing new is taken into the namespace, and a redeployment fails.',
    proof: [
      'Phase Terminating for minutes, with the conditions NamespaceFinalizersRemaining, NamespaceContentRemaining or NamespaceDeletionDiscoveryFailure True.',
    ],
    lookAlikes: [
      'A deletion that just began, with content that shrinks.',
      'aggregated-api-down: the cause behind a discovery failure.',
    ],
    mitigate: [
      {
        says: 'See what is left in it.',
        command:
          'kubectl api-resources --verbs=list --namespaced -o name | xargs -n 1 kubectl get --show-kind --ignore-not-found -n {name}',
        changes: false,
      },
      {
        says: 'Mend what the condition names; never empty spec.finalizers by hand, it orphans what is outside the cluster.',
        changes: true,
      },
    ],
    fix: ['Delete custom resources before their operators, and namespaces last.'],
    links: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/'],
  },
  *evaluate(incident) {
    for (const namespace of incident.objects('namespaces')) {
      if (namespace.deleted === undefined) continue
      const bad = readConditions(namespace.json).filter(
        ({ type, status }) => status === 'True' && type.startsWith('Namespace'),
      )
      const age = incident.now - namespace.deleted
      if (age < (bad.some(isBlocked) ? LEAST : PATIENCE)) yield reject(namespace.ref, 'Its deletion just began.')
      else yield describe(incident, namespace, age, bad)
    }
  },
}

/** An empty namespace is gone within seconds; one with pods within their grace. */
const PATIENCE = 5 * 60 * 1000

/** Content that waits for a finalizer is said to within seconds, and so is what a controller takes off at once (judgement). */
const LEAST = 60 * 1000

/** Conditions that hold a namespace for good; that content remains is true of every deletion while it goes on. */
function isBlocked({ type }: Condition): boolean {
  return type !== 'NamespaceContentRemaining'
}

function describe(incident: Incident, namespace: KubeObject, age: number, bad: readonly Condition[]): Finding {
  const { name } = namespace.ref
  const left = incident.resources
    .flatMap((resource) => incident.objects(resource))
    .filter(({ ref, deleted }) => ref.namespace === name && deleted !== undefined)
  const worst = bad.find(({ type }) => type.includes('Finalizers') || type.includes('Discovery')) ?? bad[0]
  return {
    kind: 'mechanism',
    subject: namespace.ref,
    strength: worst ? 'proof' : 'strong',
    from: namespace.deleted,
    says: `The namespace ${name} has not gone for ${tellSpan(age)}${worst ? `: ${shorten(worst.message)}` : '.'}`,
    cites: atLeastOne([
      ...(worst ? [cite(namespace, [...worst.path, 'message'])] : []),
      cite(namespace, ['metadata', 'deletionTimestamp']),
    ]),
    affects: uniqueRefs(left.slice(0, 50).map(({ ref }) => ref)),
  }
}
