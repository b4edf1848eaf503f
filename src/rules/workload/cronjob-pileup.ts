import { atLeastOne, cite, citeName } from '../../incident/citation.ts'
import { freeOf, misfitsOf, requestsOf, roomOn } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import { isTrueAt, listAt, textAt } from '../../incident/kubernetes.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { KubeObject } from '../../incident/object.ts'
import { listPending, type Pending } from '../../incident/pending.ts'
import { isAlive, type Pod } from '../../incident/pod.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'

/** Runs of a CronJob that pile up, each beginning before the last has ended. */
export const cronjobPileup: Rule<'cronjob-pileup'> = {
  id: 'cronjob-pileup',
  title: 'Runs of a CronJob pile up',
  domain: 'workload',
  seeds: ['KIA 11.3.1'],
  needs: ['cronjobs.batch'],
  helps: ['jobs.batch', 'pods', 'events'],
  explains: ['unscheduled', 'not-created', 'evicted', 'slow', 'job-failing', 'warnings', 'node-unhealthy'],
  explain: {
    mechanism:
      'A CronJob with concurrencyPolicy Allow starts its next run whether the last has ended or not. When a run becomes slower than the schedule, because of a slow dependency or more data, runs pile up, compete with each other and become slower still; they use up quotas, addresses and nodes, always at the same minutes.',
    proof: [
      'status.active of the CronJob holds several Jobs, concurrencyPolicy is Allow or not set, and their pods run or wait at the same time.',
      'An event says that too many start times were missed.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory: pods wait, and the runs of CronJobs are few.',
      'A CronJob with parallel runs on purpose, all of which come to an end.',
    ],
    mitigate: [
      {
        says: 'Stop new runs.',
        command: `kubectl patch cronjob {name} -n {namespace} -p '{"spec":{"suspend":true}}'`,
        changes: true,
      },
      {
        says: 'See the runs.',
        command: 'kubectl get jobs,pods -n {namespace} --sort-by=.metadata.creationTimestamp',
        changes: false,
      },
    ],
    fix: [
      'Set concurrencyPolicy Forbid, activeDeadlineSeconds and startingDeadlineSeconds, give the pods limits, and spread schedules over the hour.',
    ],
    links: ['https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/'],
  },
  *evaluate(incident) {
    for (const cron of incident.objects('cronjobs.batch')) {
      const pods = openPods(incident, cron)
      if (piles(cron) && pods.length > 0) yield describePile(incident, cron, pods)
    }
    const missed = incident
      .said('missed-start-times')
      .filter((said) => isSaidNow(incident, said) && said.about.kind === 'CronJob')
    for (const [, said] of Map.groupBy(missed, ({ about }) => keyOf(about)))
      yield describeMissed(said as [Said, ...Said[]])
  },
}

/** Two may overlap by chance; three that run together do not. Our judgement. */
const PILE = 3

function piles({ json }: KubeObject): boolean {
  const policy = textAt(json, 'spec', 'concurrencyPolicy') || 'Allow'
  return policy === 'Allow' && !isTrueAt(json, 'spec', 'suspend') && listAt(json, 'status', 'active').length >= PILE
}

function openPods(incident: Incident, { ref }: KubeObject): readonly Pod[] {
  return (incident.workloadOf(ref)?.pods ?? []).filter(isAlive)
}

function describePile(incident: Incident, cron: KubeObject, pods: readonly Pod[]): Finding {
  const waiting = pods.filter(({ phase }) => phase === 'Pending')
  const crowded = crowdedOut(incident, pods)
  const takesRoom = waiting.length > 0 || crowded.length > 0
  const others = uniqueRefs(crowded.map(({ workload }) => workload)).filter((ref) => keyOf(ref) !== keyOf(cron.ref))
  const active = listAt(cron.json, 'status', 'active').length
  return {
    kind: takesRoom ? 'cause' : 'amplifier',
    subject: cron.ref,
    strength: takesRoom ? 'strong' : 'weak',
    from: earliest(pods.map(({ created }) => created)),
    says: `${count(active, 'run')} of the CronJob ${cron.ref.name} are active at once, with ${count(pods.length, 'pod')}, ${waiting.length} of them waiting; its schedule is ${textAt(cron.json, 'spec', 'schedule')} and runs may overlap${others.length === 0 ? '' : `. Pods of ${tellNames(others.map(({ name }) => name))} would have room without them`}.`,
    cites: atLeastOne([
      cite(cron, ['status', 'active']),
      cite(cron, ['spec', 'schedule']),
      ...pods.slice(0, 2).map(citeName),
    ]),
    affects: uniqueRefs([cron.ref, ...sufferersOf(incident, [...pods, ...crowded])]),
    depends: [cron.ref],
  }
}

/** Pods that lack a resource on a node that would have enough of it without these runs but the oldest, which is what one at a time would take. */
function crowdedOut(incident: Incident, runs: readonly Pod[]): readonly Pod[] {
  const [, ...surplus] = runs.filter(({ node }) => node !== '').sort((a, b) => (a.created ?? 0) - (b.created ?? 0))
  const pending = listPending(incident).flatMap(({ pods }) => pods)
  return pending.filter((one) => wouldFit(incident, one, surplus)).map(({ pod }) => pod)
}

function wouldFit(incident: Incident, { pod }: Pending, surplus: readonly Pod[]): boolean {
  const asked = requestsOf(incident, pod)
  return incident.nodes.some((node) => {
    const here = surplus.filter((run) => run.node === node.ref.name).map((run) => requestsOf(incident, run))
    const misfits = misfitsOf(incident, pod, node)
    return (
      misfits.length > 0 &&
      misfits.every(({ kind, resource = '' }) => {
        const freed = here.reduce((sum, amounts) => sum + (amounts[resource] ?? 0), 0)
        return kind === 'insufficient' && freeOf(roomOn(incident, node), resource) + freed >= (asked[resource] ?? 0)
      })
    )
  })
}

function describeMissed(said: readonly [Said, ...Said[]]): Finding {
  const [{ about, citation, words }] = said
  return {
    kind: 'cause',
    subject: about,
    strength: 'strong',
    from: earliest(said.map(({ first }) => first)),
    says: `The CronJob ${about.name} missed so many start times that it does not start any more: ${words}.`,
    cites: [citation],
    affects: [about],
  }
}
