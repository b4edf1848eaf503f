import { atLeastOne, type Citation, citeLine } from '../../incident/citation.ts'
import { conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { CLUSTER } from '../../incident/reference.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { type Caller, callersSaying, citeCallers, groupCallers, isSerious, sufferersOfCallers } from '../callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** The API server, or the store behind it, answers late or not at all. */
export const apiserverOrEtcdSlow: Rule<'apiserver-or-etcd-slow'> = {
  id: 'apiserver-or-etcd-slow',
  title: 'The API server or its store is slow, full or failing',
  domain: 'control-plane',
  seeds: ['KIA 2.1', 'KIA 11.8.1'],
  needs: [],
  helps: ['apiserver-metrics', 'logs', 'events'],
  explains: [
    'control-plane-failing',
    'errors',
    'slow',
    'not-created',
    'not-scaling',
    'crashing',
    'node-unhealthy',
    'rollout-stalled',
    'warnings',
  ],
  explain: {
    mechanism:
      'Every write goes through etcd. When its disk is slow, its database full, or it has no leader, requests run into their timeouts; controllers lose their leases and restart, nodes cannot renew theirs, and nothing changes any more while what runs goes on. A flood of large objects, events or lists has the same effect.',
    proof: [
      '/readyz?verbose says that the check etcd fails.',
      'Clients log "etcdserver: mvcc: database space exceeded", "etcdserver: request timed out" or "etcdserver: leader changed", now.',
    ],
    lookAlikes: [
      'apf-throttling-429: requests are refused at once.',
      'aggregated-api-down: "currently unable to handle the request" of one group of kinds.',
      'webhook-slow: only writes of some kinds take long.',
      'false-positive-kubectl-slow: only one person sees it.',
      '"apply request took too long" alone: every etcd on a slow disk says so now and then.',
    ],
    mitigate: [
      { says: 'Ask the API server about itself.', command: "kubectl get --raw '/readyz?verbose'", changes: false },
      {
        says: 'Stop what writes or lists most; free the space of etcd (compact, defrag), or ask the provider to.',
        changes: true,
      },
    ],
    fix: ['Keep objects and events few and small, give etcd a disk of its own, and alert at 80 % of its quota.'],
    links: [
      'https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/',
      'https://etcd.io/docs/latest/op-guide/maintenance/',
    ],
  },
  *evaluate(incident) {
    const checks = incident.apiServer.failedChecks.filter(({ name }) => /etcd|ping|informer-sync/.test(name))
    const full = callersSaying(incident, 'etcd-space-exceeded')
    const failing = callersSaying(incident, ...FAILURES).filter((one) => isSerious(incident, one))
    const late = isLate(incident) ? lateCallers(incident) : []
    if (checks.length > 0 || full.length > 0 || failing.length > 0 || late.length > 1)
      yield describe(incident, { checks, full, callers: [...full, ...failing, ...late] })
    else if (callersSaying(incident, 'etcd-slow').length > 0)
      yield reject(CLUSTER, 'etcd says that some requests took long; nothing says that anybody suffers from it.')
    yield* findFull(incident)
  },
}

const FAILURES = ['etcd-timeout', 'etcd-leader-lost', 'etcd-overloaded'] as const satisfies readonly MessageId[]

/** While an aggregated API does not answer, "unable to handle the request" is its matter. */
function isLate(incident: Incident): boolean {
  return !incident
    .objects('apiservices.apiregistration.k8s.io')
    .some(({ json }) => conditionOf(readConditions(json), 'Available')?.status === 'False')
}

/** Several clients that run into timeouts; a slow webhook says so itself. */
function lateCallers(incident: Incident): readonly Caller[] {
  const said = callersSaying(incident, 'server-timeout').flatMap((one) => one.said)
  return groupCallers(
    incident,
    said.filter(({ text, about }) => !isOtherwise(incident, about, text)),
  ).filter((one) => isSerious(incident, one))
}

function isOtherwise(incident: Incident, about: Parameters<Incident['saidAbout']>[0], text: string): boolean {
  const ids = incident
    .saidAbout(about)
    .filter((one) => one.text === text)
    .map(({ id }) => id)
  return ids.some((id) => id.startsWith('webhook-') || id.startsWith('hpa-'))
}

interface Evidence {
  readonly checks: Incident['apiServer']['failedChecks']
  readonly full: readonly Caller[]
  readonly callers: readonly Caller[]
}

function describe(incident: Incident, { checks, full, callers }: Evidence): Finding {
  const what = [
    ...(full.length > 0 ? ['the store is full and only lets read'] : []),
    ...(checks.length > 0
      ? [`the check ${tellNames([...new Set(checks.map(({ name }) => name))])} of the API server fails`]
      : []),
    ...(callers.length > 0 ? [`${count(callers.length, 'client')} get errors or timeouts of it`] : []),
  ]
  return {
    kind: 'cause',
    subject: CLUSTER,
    strength: full.length > 0 || checks.length > 0 ? 'proof' : 'strong',
    from: earliest(callers.flatMap(({ said }) => said.map(({ first }) => first))),
    says: `The control plane is not well: ${what.join(', and ')}.`,
    cites: atLeastOne([...checks.slice(0, 2).map(({ citation }) => citation), ...citeCallers(callers)]),
    affects: sufferersOfCallers(incident, callers),
  }
}

/** Of the 8 GiB that etcd is told to keep to at most (etcd.io, system limits). */
const NEARLY_FULL = 7 * 1024 ** 3

const SIZES = [
  'apiserver_storage_size_bytes',
  'apiserver_storage_db_total_size_in_bytes',
  'etcd_db_total_size_in_bytes',
]

function* findFull({ apiServer }: Incident): Generator<Finding> {
  const [largest] = SIZES.flatMap(apiServer.metrics.of).toSorted((a, b) => b.value - a.value)
  if (!largest || largest.value < NEARLY_FULL) return
  const cites: [Citation] = [citeLine(largest.file, largest.line, largest.text)]
  yield {
    kind: 'risk',
    subject: CLUSTER,
    strength: 'strong',
    from: undefined,
    says: `The store of the cluster holds ${(largest.value / 1024 ** 3).toFixed(1)} GiB; above 8 GiB it only lets read.`,
    cites,
  }
}
