import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { earliest, tellNames } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import { touches, type Write } from '../../incident/writes.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { listScalers, type Scaler } from './hpa-findings.ts'
import { countTurns, notByScaler, type Rescale, rescalesOf } from './rescales.ts'

/** Two writers of one number: an autoscaler and whoever applies manifests. */
export const hpaVsGitopsReplicaFight: Rule<'hpa-vs-gitops-replica-fight'> = {
  id: 'hpa-vs-gitops-replica-fight',
  title: 'An autoscaler and applied manifests fight over the number of pods',
  domain: 'autoscaling',
  seeds: ['HN 2'],
  needs: ['deployments.apps', 'horizontalpodautoscalers.autoscaling'],
  helps: ['events', 'applications.argoproj.io'],
  explains: ['slow', 'errors', 'not-ready', 'no-endpoints'],
  explain: {
    mechanism:
      'The manifest in Git, or last-applied-configuration after a manual edit, holds replicas. Every sync sets the Deployment back to it, pods are ended, and seconds later the autoscaler sets its own number again. Nothing explodes; capacity dips at every sync.',
    proof: [
      'Events scale one ReplicaSet down and up again within a minute, again and again.',
      'managedFields: a GitOps or kubectl manager owns spec.replicas beside kube-controller-manager with the subresource scale; last-applied-configuration contains replicas.',
    ],
    lookAlikes: [
      'hpa-thrash: the autoscaler alone goes up and down.',
      'A rollout scales two ReplicaSets against each other.',
      'KEDA and other scalers are a second owner on purpose.',
    ],
    mitigate: [
      { says: 'Pause the automatic sync of the application.', changes: true },
      {
        says: 'Take replicas out of what is applied.',
        command: 'kubectl apply edit-last-applied deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Leave replicas out of manifests of what is autoscaled; with Argo CD ignore /spec/replicas and respect it in the sync, or use server-side apply.',
    ],
    links: [
      'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling',
    ],
  },
  *evaluate(incident) {
    const scaled = new Map(listScalers(incident).map((scaler) => [keyOf(scaler.target), scaler]))
    for (const workload of incident.workloads) {
      const scaler = scaled.get(keyOf(workload.ref))
      if (!scaler || !workload.object) continue
      const verdict = judge(incident, workload, workload.object, scaler)
      if (verdict) yield verdict
    }
  },
}

/** Scaled down and up again: a sync and its answer. */
const LEAST_TURNS = 2

function judge(
  incident: Incident,
  workload: Workload,
  object: NonNullable<Workload['object']>,
  scaler: Scaler,
): Finding | Rejection | undefined {
  const writers = writersOfReplicas(object.writes)
  const applied = /"replicas"\s*:/.test(object.annotations['kubectl.kubernetes.io/last-applied-configuration'] ?? '')
  const rescales = rescalesOf(incident, workload.ref)
  const turns = countTurns(rescales)
  if (writers.length === 0 && !applied)
    return turns >= LEAST_TURNS
      ? reject(workload.ref, 'Nobody but the autoscaler is seen to write its replicas.')
      : undefined
  if (turns >= LEAST_TURNS && notByScaler(incident, scaler.object.ref, rescales).length === 0)
    return reject(workload.ref, 'The autoscaler itself set every number of its pods: hpa-thrash.')
  if (turns >= LEAST_TURNS) return describe(incident, workload, object, { writers, applied, rescales, turns })
  return risk(workload, object, writers, applied)
}

/** Managers that write replicas and are neither the autoscaler nor the controllers. */
function writersOfReplicas(writes: readonly Write[]): readonly Write[] {
  return writes.filter(
    (write) =>
      touches(write, 'spec.replicas') &&
      !/^(kube-controller-manager|horizontal-pod-autoscaler|keda.*|vpa.*)$/.test(write.manager) &&
      write.subresource !== 'status',
  )
}

interface Fight {
  readonly writers: readonly Write[]
  readonly applied: boolean
  readonly rescales: readonly Rescale[]
  readonly turns: number
}

function describe(
  incident: Incident,
  { ref, pods }: Workload,
  object: NonNullable<Workload['object']>,
  { writers, applied, rescales, turns }: Fight,
): Finding {
  const numbers = rescales.map(({ to }) => to)
  return {
    kind: 'cause',
    subject: ref,
    strength: writers.length > 0 ? 'proof' : 'strong',
    from: earliest(rescales.map(({ at }) => at)),
    says: `The number of pods of ${ref.name} was turned ${turns} times within the hour, between ${Math.min(...numbers)} and ${Math.max(...numbers)}: an autoscaler sets it, and ${describeWriters(writers, applied)}.`,
    cites: atLeastOne([
      ...rescales.slice(-3).map(({ event }): Citation => cite(event.object, ['message'])),
      ...citeWriters(object, writers, applied),
    ]),
    affects: sufferersOf(incident, pods),
  }
}

function risk(
  { ref }: Workload,
  object: NonNullable<Workload['object']>,
  writers: readonly Write[],
  applied: boolean,
): Finding {
  return {
    kind: 'risk',
    subject: ref,
    strength: 'weak',
    from: undefined,
    says: `An autoscaler sets the number of pods of ${ref.name}, and ${describeWriters(writers, applied)}: they may come to fight over it.`,
    cites: atLeastOne(citeWriters(object, writers, applied)),
  }
}

function describeWriters(writers: readonly Write[], applied: boolean): string {
  const names = [...new Set(writers.map(({ manager }) => manager))]
  if (names.length === 0) return 'its last-applied-configuration holds replicas too'
  return `${tellNames(names)} ${names.length === 1 ? 'writes' : 'write'} it too${applied ? ', from a configuration that holds replicas' : ''}`
}

function citeWriters(object: NonNullable<Workload['object']>, writers: readonly Write[], applied: boolean): Citation[] {
  return [
    ...writers.slice(0, 2).map(
      (write): Citation => ({
        file: object.file,
        pointer: `${object.pointer}/metadata/managedFields/${write.index}/manager`,
        words: write.manager,
      }),
    ),
    ...(applied
      ? [cite(object, ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'], '"replicas":')]
      : []),
  ]
}
