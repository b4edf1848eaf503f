import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf } from '../../incident/reference.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import { earliest, tellNames } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import { touches, type Write } from '../../incident/writes.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { listScalers, type Scaler } from './hpa-findings.ts'
import { countSwings, notByScaler, type Rescale, rescalesOf } from './rescales.ts'

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
  const holders = readHolders(object)
  const rescales = rescalesOf(incident, workload.ref)
  const isTurning = countSwings(rescales) >= LEAST_TURNS
  if (holders.writers.length === 0 && holders.applied === undefined)
    return isTurning ? reject(workload.ref, 'Nothing that is applied again is seen to hold its replicas.') : undefined
  if (!isTurning) return risk(workload, object, holders)
  if (notByScaler(incident, scaler.object.ref, rescales).length === 0)
    return reject(workload.ref, 'The autoscaler itself set every number of its pods: hpa-thrash.')
  return describe(incident, workload, object, { ...holders, rescales })
}

/** What holds a number of pods beside the autoscaler. */
interface Holders {
  readonly writers: readonly Write[]
  /** The number in last-applied-configuration. */
  readonly applied: number | undefined
  /** Who wrote last-applied-configuration, where that is told. */
  readonly appliers: readonly Write[]
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function readHolders({ annotations, writes }: NonNullable<Workload['object']>): Holders {
  const [, applied] = /"replicas"\s*:\s*(\d+)/.exec(annotations[LAST_APPLIED] ?? '') ?? []
  return {
    writers: writersOfReplicas(writes),
    applied: applied === undefined ? undefined : Number(applied),
    appliers: writes.filter((write) => touches(write, `metadata.annotations.${LAST_APPLIED}`)),
  }
}

/** Managers that write replicas with the rest of an object; through the scale subresource come autoscalers, and people once. */
function writersOfReplicas(writes: readonly Write[]): readonly Write[] {
  return writes.filter(
    (write) => touches(write, 'spec.replicas') && !SCALERS.test(write.manager) && write.subresource === '',
  )
}

const SCALERS = /^(kube-controller-manager|horizontal-pod-autoscaler|rollouts-controller|keda.*|vpa.*)$/

interface Fight extends Holders {
  readonly rescales: readonly Rescale[]
}

function describe(
  incident: Incident,
  { ref }: Workload,
  object: NonNullable<Workload['object']>,
  fight: Fight,
): Finding {
  const { rescales, writers } = fight
  const numbers = rescales.map(({ to }) => to)
  return {
    kind: 'cause',
    subject: ref,
    strength: writers.length > 0 ? 'proof' : 'strong',
    from: earliest(rescales.map(({ at }) => at)),
    says: `The number of pods of ${ref.name} was turned ${countSwings(rescales)} times within the hour, between ${Math.min(...numbers)} and ${Math.max(...numbers)}: an autoscaler sets it, and ${describeHolders(fight)}.`,
    cites: atLeastOne([...rescales.slice(-3).map(({ citation }) => citation), ...citeHolders(object, fight)]),
    affects: sufferersOfWorkload(incident, ref),
  }
}

function risk({ ref }: Workload, object: NonNullable<Workload['object']>, holders: Holders): Finding {
  return {
    kind: 'risk',
    subject: ref,
    strength: 'weak',
    from: undefined,
    says: `An autoscaler sets the number of pods of ${ref.name}, and ${describeHolders(holders)}: they may come to fight over it.`,
    cites: atLeastOne(citeHolders(object, holders)),
  }
}

function describeHolders({ writers, applied, appliers }: Holders): string {
  const names = namesOf(writers)
  if (names.length > 0)
    return `${tellNames(names)} ${names.length === 1 ? 'writes' : 'write'} it too${applied === undefined ? '' : `, from a configuration that holds ${applied} replicas`}`
  const by = namesOf(appliers)
  return `its last-applied-configuration${by.length === 0 ? '' : `, of ${tellNames(by)},`} holds ${applied} replicas`
}

function namesOf(writes: readonly Write[]): readonly string[] {
  return [...new Set(writes.map(({ manager }) => manager))]
}

function citeHolders(object: NonNullable<Workload['object']>, { writers, applied }: Holders): Citation[] {
  return [
    ...writers.slice(0, 2).map(
      (write): Citation => ({
        file: object.file,
        pointer: `${object.pointer}/metadata/managedFields/${write.index}/manager`,
        words: write.manager,
      }),
    ),
    ...(applied === undefined ? [] : [cite(object, ['metadata', 'annotations', LAST_APPLIED], '"replicas":')]),
  ]
}
