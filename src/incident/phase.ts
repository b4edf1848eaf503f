import { parseTime, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { isOfThePast } from './of-the-past.ts'

/** A word in the status of a custom resource that says that it is not well. */
export interface BadPhase {
  readonly word: string
  readonly path: readonly (string | number)[]
  /** What it says beside; empty where it says nothing. */
  readonly message: string
  readonly messagePath: readonly (string | number)[] | undefined
  readonly since: number | undefined
}

/** Where operators keep the word, and what they say beside it. */
const PLACES: readonly (readonly [word: string, ...messages: string[]])[] = [
  // Velero, Cluster API, Rook, Argo Rollouts, MongoDB, CloudNativePG and most that are made with kubebuilder.
  ['phase', 'message', 'phaseReason', 'reason', 'failureMessage', 'errorMessage', 'error.message'],
  // cert-manager's orders and challenges, Percona, Spark.
  ['state', 'reason', 'message', 'stateReason'],
  ['status', 'message', 'reason'],
  ['applicationState.state', 'applicationState.errorMessage'],
  // Argo CD, Elastic.
  ['health.status', 'health.message', 'operationState.message'],
  ['health', 'message'],
  // Rook, Longhorn, Zalando, Strimzi.
  ['ceph.health', 'message'],
  ['robustness'],
  ['PostgresClusterStatus', 'reason'],
  ['connectorStatus.connector.state', 'connectorStatus.connector.trace'],
]

/** Words that mean trouble whoever says them; what passes by itself, such as Pending, Progressing, Unknown or NotReady, is none of them. */
const BAD =
  /^(?:\w{0,40}failed|failure|errore?d?|unavailable|degraded|unhealthy|faulted|lost|invalid|broken|rejected|failedvalidation|health_err|red|unrecoverable|cluster is unrecoverable[^\n]{0,100}|not enough disk space)$/i

/** The word by which a custom resource says that it is not well, if it does. */
export function badPhaseOf(object: KubeObject, now: number): BadPhase | undefined {
  const { json } = object
  if (isOfThePast(object, undefined, now)) return undefined
  for (const [place, ...messages] of PLACES) {
    const word = textAt(json, ...at(place))
    if (!BAD.test(word)) continue
    const said = messages.find((one) => textAt(json, ...at(one)) !== '')
    const message = said === undefined ? '' : textAt(json, ...at(said))
    const since = parseTime(textAt(json, 'status', 'health', 'lastTransitionTime'))
    return { word, path: at(place), message, messagePath: said === undefined ? undefined : at(said), since }
  }
  return undefined
}

function at(place: string): readonly string[] {
  return ['status', ...place.split('.')]
}
