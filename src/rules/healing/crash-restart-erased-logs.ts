import { atLeastOne, cite } from '../../incident/citation.ts'
import { type Crash, findCrashes } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { logsOfEnd } from '../../incident/last-words.ts'
import type { Ref } from '../../incident/reference.ts'
import { count, tellTime } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'

/** Restarts that threw away the log of the first failure. */
export const crashRestartErasedLogs: Rule<'crash-restart-erased-logs'> = {
  id: 'crash-restart-erased-logs',
  title: 'Restarts threw away the log of the first failure',
  domain: 'healing',
  needs: ['pods'],
  helps: ['previous-logs', 'logs'],
  explains: [],
  explain: {
    mechanism:
      'The kubelet keeps the log of the running instance of a container and of the one before, no more. After two restarts the first failure, which often differs from those that follow, cannot be read on the cluster any more; after the pod is gone, nothing can.',
    proof: ['restartCount is 2 or more, and the log of the instance before begins after the first failure.'],
    lookAlikes: ['The logs are shipped to a store: then it is only not in this bundle.'],
    mitigate: [{ says: 'Look for the first failure in the store of logs, around the time given.', changes: false }],
    fix: [
      'Ship logs off the cluster, and set terminationMessagePolicy FallbackToLogsOnError, so that the end of a log stands in the status.',
    ],
    links: ['https://kubernetes.io/docs/concepts/cluster-administration/logging/'],
  },
  *evaluate(incident) {
    for (const { workload, crashes } of findCrashes(incident)) {
      const erased = crashes.filter(({ container }) => container.restarts >= 2)
      if (erased.length > 0) yield describe(incident, workload, erased)
    }
  },
}

function describe(incident: Incident, workload: Ref, erased: readonly Crash[]): Finding {
  const worst = erased.reduce((most, one) => (one.container.restarts > most.container.restarts ? one : most))
  const { pod, container, since } = worst
  const known = logsOfEnd(incident, worst).some(({ previous }) => previous || container.state.kind !== 'running')
  return {
    kind: 'evidence-loss',
    subject: workload,
    strength: 'strong',
    from: since,
    says: `${container.name} of ${pod.ref.name} ended ${count(container.restarts, 'time')} since ${tellTime(since)}; ${known ? 'only the log of the last end is left' : 'no log of an end is in the bundle'}.`,
    cites: atLeastOne([cite(pod, [...(container.statusPath ?? []), 'restartCount'])]),
    affects: [workload],
    missing: ['the log of the first failure, from a store of logs'],
  }
}
