import { cite } from '../citation.ts'
import type { Incident } from '../incident.ts'
import { listAt, recordAt, textAt, timeAt } from '../kubernetes.ts'
import type { KubeObject } from '../object.ts'
import type { RecentChange } from '../recent-change.ts'
import { describeRef } from '../reference.ts'
import { isInWindow } from './window.ts'

/** What GitOps controllers say they delivered: Argo CD's history and operation, Flux's releases. */
export function* findSyncs(incident: Incident): Generator<RecentChange> {
  for (const application of incident.objects('applications.argoproj.io')) {
    yield* historyOf(incident, application, 'deployedAt', 'revision')
    yield* operationOf(incident, application)
  }
  for (const release of incident.objects('helmreleases.helm.toolkit.fluxcd.io'))
    yield* historyOf(incident, release, 'lastDeployed', 'chartVersion')
}

function* historyOf(incident: Incident, object: KubeObject, time: string, version: string): Generator<RecentChange> {
  for (const [index, entry] of listAt(object.json, 'status', 'history').entries()) {
    const at = timeAt(entry, time)
    if (!isInWindow(incident, at)) continue
    yield sync(object, at, byOf(entry), {
      says: `${describeRef(object.ref)} delivered ${textAt(entry, version).slice(0, 12) || 'a revision'}.`,
      cites: [cite(object, ['status', 'history', index, time])],
    })
  }
}

/** The last operation also tells of a delivery that failed or still runs. */
function* operationOf(incident: Incident, object: KubeObject): Generator<RecentChange> {
  const state = recordAt(object.json, 'status', 'operationState')
  const phase = textAt(state, 'phase')
  const at = timeAt(state, 'startedAt')
  if (phase === 'Succeeded' || phase === '' || !isInWindow(incident, at)) return
  yield sync(object, at, byOf(state.operation), {
    says: `${describeRef(object.ref)} began to deliver and is ${phase}.`,
    cites: [cite(object, ['status', 'operationState', 'phase'])],
  })
}

function byOf(entry: unknown): string {
  return textAt(entry, 'initiatedBy', 'username')
}

function sync(object: KubeObject, at: number, who: string, rest: Pick<RecentChange, 'says' | 'cites'>): RecentChange {
  const by = who || (object.group === 'argoproj.io' ? 'argocd' : 'flux')
  return { what: 'sync', about: object.ref, top: object.ref, at, by, fields: [], ...rest }
}
