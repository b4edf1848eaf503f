import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { describeRef } from '../../incident/reference.ts'
import { earliest, tellSpan, tellTime } from '../../incident/telling.ts'
import { type Caller, callersSaying, citeCallers, sufferersOfCallers } from '../callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A release of Helm that an operation which ended half-way has left locked. */
export const helmReleaseLocked: Rule<'helm-release-locked'> = {
  id: 'helm-release-locked',
  title: 'A release of Helm is locked by an operation that never ended',
  domain: 'rollout',
  needs: [],
  helps: ['events', 'secrets', 'logs', 'helmreleases.helm.toolkit.fluxcd.io'],
  explains: ['unhealthy-condition', 'rollout-stalled', 'job-failing', 'crashing', 'errors', 'warnings'],
  explain: {
    mechanism:
      'Helm notes the state of a release in a Secret, pending-install, pending-upgrade or pending-rollback while it works. When it is killed meanwhile, by a timeout of CI or a restart of the controller that runs it, the note stays, and every later operation is refused because another one is in progress. What runs goes on as it was; nothing new is rolled out.',
    proof: [
      'An upgrade is refused with "another operation (install/upgrade/rollback) is in progress", for longer than an operation takes.',
      'The newest Secret of the release has the label status=pending-upgrade and is old.',
    ],
    lookAlikes: [
      'An operation that is truly under way: the Secret is some minutes old, and Helm or its controller still works.',
      'Other failures of Helm: they say what they met, and leave the release in the state failed.',
    ],
    mitigate: [
      {
        says: 'See which operation is noted, and since when.',
        command: 'kubectl get secrets -n {namespace} -l owner=helm,name={name} --show-labels',
        changes: false,
      },
      {
        says: 'Go back to the last revision that was deployed; it takes the lock away.',
        command: 'helm rollback {name} -n {namespace}',
        changes: true,
      },
      { says: 'Or delete the Secret of the pending revision, where there is none to go back to.', changes: true },
    ],
    fix: [
      'Give Helm the time that it needs (--timeout, --atomic), let CI end it with SIGTERM and wait, and give its controller a grace period and memory enough.',
    ],
    links: ['https://helm.sh/docs/helm/helm_rollback/', 'https://fluxcd.io/flux/components/helm/helmreleases/'],
  },
  *evaluate(incident) {
    for (const caller of callersSaying(incident, 'helm-release-locked')) {
      const note = noteOf(incident, caller)
      const since = note?.created ?? earliest(caller.said.map(({ first }) => first))
      if (since !== undefined && incident.now - since < PATIENCE)
        yield reject(caller.ref, 'The operation that is in progress began some minutes ago, and may come to its end.')
      else yield describe(incident, caller, note, since)
    }
  },
}

/** Helm waits five minutes by itself (`--timeout`, 5m0s), and CI and Flux often twice as long. */
const PATIENCE = 15 * 60 * 1000

/** The note of a pending operation: a Secret of the release, whose name is in the words or that of who says it. */
function noteOf(incident: Incident, { ref, said }: Caller): KubeObject | undefined {
  const releases = new Set([ref.name, ...said.map(({ values }) => values.release?.split('/').at(-1))])
  return incident
    .objects('secrets')
    .filter(({ ref: { namespace }, labels }) => {
      return namespace === ref.namespace && releases.has(labels.name) && /^pending-/.test(labels.status ?? '')
    })
    .findLast(({ labels, json }) => labels.owner === 'helm' || textAt(json, 'type') === 'helm.sh/release.v1')
}

function describe(
  incident: Incident,
  caller: Caller,
  note: KubeObject | undefined,
  since: number | undefined,
): Finding {
  const noted = note ? `: ${note.ref.name} is ${note.labels.status} since ${tellTime(note.created)}` : ''
  const age = since === undefined ? '' : ` for ${tellSpan(incident.now - since)}`
  return {
    kind: 'cause',
    subject: caller.ref,
    strength: note ? 'strong' : 'weak',
    from: since,
    says: `Helm refuses to change the release of ${describeRef(caller.ref)}${age} because another operation is in progress${noted}. It most likely ended half-way and left the release locked.`,
    cites: atLeastOne([...citeCallers([caller], 2), ...(note ? [cite(note, ['metadata', 'labels', 'status'])] : [])]),
    affects: sufferersOfCallers(incident, [caller]),
  }
}
