import { atLeastOne, citeLine } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { is } from '../../incident/messages/index.ts'
import type { Sample } from '../../incident/metrics.ts'
import { CLUSTER, type Ref } from '../../incident/reference.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type Caller, callersSaying, citeCallers, isSerious, sufferersOfCallers } from '../callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** The API server refuses requests because more come than it may work on. */
export const apfThrottling429: Rule<'apf-throttling-429'> = {
  id: 'apf-throttling-429',
  title: 'The API server refuses requests with 429 (priority and fairness)',
  domain: 'control-plane',
  seeds: ['KIA 11.2.1', 'KIA 12.8.2'],
  needs: [],
  helps: ['apiserver-metrics', 'logs', 'events'],
  explains: ['errors', 'slow', 'control-plane-failing', 'not-scaling', 'not-created', 'crashing', 'node-unhealthy'],
  explain: {
    mechanism:
      'Each request to the API server belongs to a priority level with so many seats and queues. A client that lists large collections again and again fills its level; what comes then waits, and is refused with 429 when the queues are full. Controllers on the same level fall behind, and so does everything that waits for them.',
    proof: [
      'Clients log "the server has received too many requests", now.',
      'apiserver_flowcontrol_current_inqueue_requests is above 0, and apiserver_flowcontrol_rejected_requests_total grows between two readings.',
    ],
    lookAlikes: [
      '"client-side throttling" in a log: the client held its requests back, the server refused nothing.',
      'registry-rate-limit, sts-or-aws-api-throttled: another service refuses.',
      'apiserver-or-etcd-slow: requests take long, and are not refused.',
    ],
    mitigate: [
      {
        says: 'See which level is full.',
        command: 'kubectl get --raw /debug/api_priority_and_fairness/dump_priority_levels',
        changes: false,
      },
      {
        says: 'Scale the client down that asks too much.',
        command: 'kubectl scale deployment/NAME -n {namespace} --replicas=0',
        changes: true,
      },
    ],
    fix: [
      'Let clients watch instead of listing, list in pages, and give a heavy client a FlowSchema and a level of its own.',
    ],
    links: ['https://kubernetes.io/docs/concepts/cluster-administration/flow-control/'],
  },
  *evaluate(incident) {
    const callers = callersSaying(incident, 'apf-throttling-429').filter((one) => isSerious(incident, one))
    const queued = incident.apiServer.metrics
      .of('apiserver_flowcontrol_current_inqueue_requests')
      .filter(({ value }) => value > 0)
    const rejected = rejectionsOf(incident)
    if (callers.length > 0 && (rejected.length > 0 || isOfApiServer(callers)))
      yield describe(incident, callers, rejected)
    else if (queued.length > 0 && rejected.length > 0) yield describe(incident, [], [...queued, ...rejected])
    else if (rejected.length > 0)
      yield reject(
        CLUSTER,
        'The API server has refused requests since it started, but nothing says that it does so now.',
      )
  },
}

/** The most refusals first; what nobody classified may be refused on purpose. */
function rejectionsOf({ apiServer }: Incident): readonly Sample[] {
  return apiServer.metrics
    .of('apiserver_flowcontrol_rejected_requests_total')
    .filter(({ value, labels }) => value > 0 && labels.priority_level !== 'catch-all')
    .toSorted((a, b) => b.value - a.value || a.line - b.line)
}

/** Words that only client-go has; "Too many requests" other servers say too. */
function isOfApiServer(callers: readonly Caller[]): boolean {
  return callers.some(({ said }) => said.some(({ text }) => is(text, 'api-client-throttled')))
}

function describe(incident: Incident, callers: readonly Caller[], samples: readonly Sample[]): Finding {
  const level = samples[0]?.labels.priority_level
  return {
    kind: 'cause',
    subject: subjectOf(incident, level),
    strength: callers.length > 0 ? 'strong' : 'weak',
    from: earliest(callers.flatMap(({ said }) => said.map(({ first }) => first))),
    says: `The API server refuses requests${level === undefined ? '' : `, most of the priority level ${level}`}${callers.length > 0 ? `: ${count(callers.length, 'client')} say so now` : ': requests wait in its queues'}.`,
    cites: atLeastOne([
      ...citeCallers(callers),
      ...samples.slice(0, 2).map(({ file, line, text }) => citeLine(file, line, text)),
    ]),
    affects: sufferersOfCallers(incident, callers),
    missing: ['a second reading of the API server’s metrics, and its audit log, to tell which client it is'],
  }
}

function subjectOf(incident: Incident, level: string | undefined): Ref {
  const object = level === undefined ? undefined : incident.find('PriorityLevelConfiguration', undefined, level)
  return object?.ref ?? CLUSTER
}
