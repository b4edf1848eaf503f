import { kindOfManager } from '../../incident/changes/manager.ts'
import { atLeastOne, cite, citeName } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { isTrueAt, listAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { tellSpan, tellTime } from '../../incident/telling.ts'
import { citeWriteAt } from '../../incident/write-citation.ts'
import type { Write } from '../../incident/writes.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A delivery that puts back what people changed to help. */
export const gitopsSelfhealRevertsMitigation: Rule<'gitops-selfheal-reverts-mitigation'> = {
  id: 'gitops-selfheal-reverts-mitigation',
  title: 'GitOps puts back what was changed to help',
  domain: 'healing',
  needs: ['deployments.apps'],
  helps: ['applications.argoproj.io', 'kustomizations.kustomize.toolkit.fluxcd.io'],
  explains: [],
  explain: {
    mechanism:
      'Argo CD with selfHeal, and Flux at every interval, make the cluster what the repository says. A mitigation by kubectl, fewer replicas, a higher limit, an older image, is gone after minutes, and the outage goes on although somebody believes that it was mended.',
    proof: [
      'The Application has syncPolicy.automated.selfHeal true, and the spec of an object of it was written by kubectl, and then by Argo CD.',
    ],
    lookAlikes: [
      'hpa-vs-gitops-replica-fight: an autoscaler owns the field.',
      'An operator that owns the object puts it back.',
    ],
    mitigate: [
      {
        says: 'Pause the application, then change.',
        command: `kubectl patch application <name> -n argocd --type merge -p '{"spec":{"syncPolicy":{"automated":null}}}'`,
        changes: true,
      },
    ],
    fix: ['Make mitigations in the repository, and leave fields that others own out of it (ignoreDifferences).'],
    links: ['https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/'],
  },
  *evaluate(incident) {
    for (const object of DELIVERED.flatMap((resource) => incident.objects(resource))) {
      const pair = revertedOf(incident, object)
      if (!pair) continue
      const owner = healerOf(incident, object.ref)
      if (owner) yield describe(object, owner, pair)
      else yield reject(object.ref, 'A delivery wrote it after a person, and nothing shows that this was on its own.')
    }
  },
}

const DELIVERED = [
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'configmaps',
  'horizontalpodautoscalers.autoscaling',
]

/** A revert comes within the interval of the delivery; Argo CD looks at least every three minutes, Flux by default every ten. */
const SOON = 15 * 60 * 1000

const LATELY = 6 * 60 * 60 * 1000

interface Pair {
  readonly person: Write
  readonly delivery: Write
}

/** What a person wrote lately, and a delivery soon after him. */
function revertedOf({ now }: Incident, { writes }: KubeObject): Pair | undefined {
  const meant = writes.filter(({ at, fields }) => at !== undefined && now - at < LATELY && fields.some(isMeant))
  const person = meant.findLast(({ manager }) => kindOfManager(manager) === 'person')
  const delivery = meant.find(
    ({ manager, at = 0 }) =>
      person !== undefined && isHealer(manager) && at > (person.at ?? 0) && at - (person.at ?? 0) < SOON,
  )
  return person && delivery ? { person, delivery } : undefined
}

function isMeant(field: string): boolean {
  return field.startsWith('spec') || field.startsWith('data')
}

function isHealer(manager: string): boolean {
  return manager.startsWith('argocd') || manager === 'kustomize-controller' || manager === 'helm-controller'
}

/** The Application that heals an object by itself. */
function healerOf(incident: Incident, ref: Ref): KubeObject | undefined {
  return incident.objects('applications.argoproj.io').find(({ json }) => {
    const isAutomatic = isTrueAt(json, 'spec', 'syncPolicy', 'automated', 'selfHeal')
    return isAutomatic && listAt(json, 'status', 'resources').some((one) => keyOf(refOf(one)) === keyOf(ref))
  })
}

function refOf(resource: unknown): Ref {
  const namespace = textAt(resource, 'namespace')
  return { kind: textAt(resource, 'kind'), ...(namespace === '' ? {} : { namespace }), name: textAt(resource, 'name') }
}

function describe(object: KubeObject, owner: KubeObject, { person, delivery }: Pair): Finding {
  const [at = 0, back = 0] = [person.at, delivery.at]
  const cites = [
    citeWriteAt(object, at),
    citeWriteAt(object, back),
    cite(owner, ['spec', 'syncPolicy', 'automated', 'selfHeal']),
    citeName(object),
  ]
  return {
    kind: 'amplifier',
    subject: object.ref,
    strength: 'strong',
    from: back,
    says: `${object.ref.kind} ${object.ref.name} was changed by ${person.manager} at ${tellTime(at)}, and ${delivery.manager} wrote it ${tellSpan(back - at)} later: the Application ${owner.ref.name} heals by itself.`,
    cites: atLeastOne(cites.filter((one) => one !== undefined)),
    affects: [object.ref],
  }
}
