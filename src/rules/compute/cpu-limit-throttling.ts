import { atLeastOne, type Citation, cite, citeLine } from '../../incident/citation.ts'
import type { Throttling } from '../../incident/counters/throttling.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { callsTo } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { showCores } from '../../incident/quantity.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { countOrNo, earliest, latest } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import { clockTime, firstOf, isCurrent, isRecent, isStillSaid } from '../recency.ts'
import { type Claim, type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { timesOf } from '../times-of.ts'
import { type CpuLimit, isCut, ONE_CORE, readCpuLimit, TIGHT } from './cpu-limits.ts'
import { endsOf } from './ended.ts'
import { probeTimeouts, type SlowWorkloads, slowWorkloadsByNode } from './probe-timeouts.ts'
import { isFree, MOSTLY, mostThrottled, THROTTLED, type ThrottledPod, tellThrottling } from './throttled.ts'

/** A container that the kernel holds up because it used its share of processor time, while the node idles. */
export const cpuLimitThrottling: Rule<'cpu-limit-throttling'> = {
  id: 'cpu-limit-throttling',
  title: 'A CPU limit throttles a container until it answers too late',
  domain: 'compute',
  seeds: ['HN 3', 'KIA 11.9.1'],
  needs: ['pods', 'events'],
  helps: ['cadvisor', 'cgroups', 'pods.metrics.k8s.io', 'replicasets.apps'],
  explains: ['crashing', 'not-ready', 'no-endpoints', 'slow', 'errors', 'rollout-stalled', 'not-scaling'],
  explain: {
    mechanism:
      'A CPU limit is a quota for every 100 ms: a container with 50m may compute for 5 ms of them, and then stands still with all its threads, however idle the node is. Requests queue, probes wait in the same queue and time out, and the kubelet kills a container that is only slow. The others get its load and follow.',
    proof: [
      'cAdvisor: more than a quarter of container_cpu_cfs_periods_total are in container_cpu_cfs_throttled_periods_total (kubernetes-mixin, CPUThrottlingHigh).',
      '`cpu.stat` in the cgroup of the container, of version 1 or 2: nr_throttled against nr_periods, between two readings.',
      'Without counters it can only be suggested: a tight or lowered limit, usage at the limit, and probes or callers that time out while the program runs.',
    ],
    lookAlikes: [
      'node-cpu-saturation: probes of unrelated pods on the same node time out too.',
      'liveness-kills-healthy-app: the probe is too strict whatever the processor does.',
      'container-oomkilled: the container ended with OOMKilled.',
      'dependency-down: the probe waits for something that the program calls.',
    ],
    mitigate: [
      {
        says: 'Look whether it is throttled now.',
        command: 'kubectl exec -n {namespace} deployment/{name} -- cat /sys/fs/cgroup/cpu.stat',
        changes: false,
      },
      {
        says: 'Raise the CPU limit, or remove it and keep the request.',
        command: 'kubectl set resources deployment/{name} -n {namespace} --limits=cpu=<more>',
        changes: true,
      },
    ],
    fix: [
      'Size requests by what is used at the peak; set limits on CPU only where one tenant must not take from another.',
      'Tell the runtime how many processors it has (GOMAXPROCS, -XX:ActiveProcessorCount).',
    ],
    links: ['https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/'],
  },
  *evaluate(incident) {
    const late = lateByWorkload(incident)
    const slow = slowWorkloadsByNode(incident)
    for (const workload of incident.workloads) {
      const suspects = [...listLate(incident, workload, late.get(keyOf(workload.ref)) ?? [])]
      if (suspects.length > 0) for (const suspect of suspects) yield judge(incident, suspect, slow)
      else yield* findBusy(incident, workload)
    }
  },
}

/** A container with a CPU limit whose pods suffer and whose probes are not answered. */
interface Suspect extends CpuLimit {
  readonly workload: Workload
  readonly pods: readonly Pod[]
  readonly said: readonly [Said, ...Said[]]
}

/** What is said of probes that were answered too late, or of a kill before anybody listened, by the workload. */
function lateByWorkload(incident: Incident): ReadonlyMap<string, readonly Said[]> {
  const said = [...probeTimeouts(incident), ...killsBeforeListening(incident)]
  return Map.groupBy(said, ({ about }) => keyOf(incident.topOf(about)))
}

/** Containers whose probes time out; or, where a rollout lowered the limit, are refused because the program does not come up in time. */
function* listLate(incident: Incident, workload: Workload, said: readonly Said[]): Generator<Suspect> {
  for (const [name, members] of Map.groupBy(said, ({ about }) => about.container ?? '')) {
    const suspect = inspect(incident, workload, name, members as [Said, ...Said[]])
    if (suspect && (suspect.lowered || suspect.said.some(({ id }) => id === 'probe-timed-out'))) yield suspect
  }
}

function killsBeforeListening(incident: Incident): readonly Said[] {
  const killed = new Set(incident.said('liveness-kill').map(({ about }) => keyOf(about)))
  return incident
    .said('probe-connection-refused')
    .filter((one) => killed.has(keyOf(one.about)) && one.values.probe !== 'Readiness' && isCurrent(incident, one))
}

function inspect(
  incident: Incident,
  workload: Workload,
  name: string,
  said: readonly [Said, ...Said[]],
): Suspect | undefined {
  const names = new Set(said.map(({ about }) => about.name))
  const pods = workload.pods.filter((pod) => isSuffering(incident, pod) && names.has(pod.ref.name))
  const container = pods[0]?.containers.find(
    (one) => one.name === name || (name === '' && one.limits.cpu !== undefined),
  )
  const onset = earliest(said.map((one) => firstOf(incident, one))) ?? incident.now
  const limit = container && readCpuLimit(incident, { workload: workload.ref, pods, container, onset })
  return limit && { ...limit, workload, pods, said }
}

function judge(incident: Incident, suspect: Suspect, slow: SlowWorkloads): Finding | Rejection {
  const { workload, container, usage, limit, lowered, isAtLimit } = suspect
  const why = otherReason(incident, suspect, slow)
  if (why !== undefined) return reject(workload.ref, why)
  const counted = mostThrottled(incident, suspect.pods, container.name)
  if (counted && counted.throttling.share >= THROTTLED) return describeCounted(incident, suspect, counted)
  if (counted && isFree(incident, counted, container.name))
    return reject(
      workload.ref,
      `Probes of ${container.name} time out, but ${tellThrottling(counted.throttling)}: its limit does not hold it up.`,
    )
  const [has, uses] = [showCores(limit), showCores(usage?.cpu ?? 0)]
  if (usage && usage.cpu < limit / 2)
    return reject(workload.ref, `${container.name} uses ${uses} of its CPU limit of ${has}.`)
  if (!isAtLimit && !lowered && limit >= ONE_CORE)
    return reject(workload.ref, `Probes of ${container.name} time out, but its CPU limit of ${has} is not tight.`)
  // Held up before, and not while the capture looked: it may be so at peaks.
  const isStrong = counted === undefined && (isAtLimit || (lowered !== undefined && limit <= TIGHT))
  const finding = describe(incident, suspect, isStrong)
  return counted === undefined ? finding : { ...finding, against: [...(finding.against ?? []), notNow(counted)] }
}

function notNow({ throttling }: ThrottledPod): Claim {
  return { says: `While the capture ran ${tellThrottling(throttling)}.`, cites: throttling.cites }
}

/** What the kernel counted: its probes are late and it was held up at the same time, more often than not, and no pod of it that is well as much. */
function describeCounted(incident: Incident, suspect: Suspect, { throttling }: ThrottledPod): Finding {
  const control = throttledControl(incident, suspect, throttling)
  const finding = describe(incident, suspect, true)
  const isTimedOut = suspect.said.some((one) => one.id === 'probe-timed-out' && isStillSaid(incident, one))
  const isSure = isTimedOut && !control && throttling.share >= MOSTLY && (finding.against ?? []).length === 0
  return {
    ...finding,
    strength: isSure ? 'proof' : 'strong',
    says: `${finding.says.slice(0, -1)}; ${tellThrottling(throttling)}.`,
    cites: atLeastOne([...throttling.cites.slice(0, 2), ...finding.cites]),
    against: [...(finding.against ?? []), ...(control ? [asMuch(control)] : [])],
    missing: [],
  }
}

/** A pod of the same workload that is well and held up as much: then it is not that alone. */
function throttledControl(
  incident: Incident,
  { workload, pods, container }: Suspect,
  { share }: Throttling,
): ThrottledPod | undefined {
  const others = workload.pods.filter((pod) => !pods.includes(pod) && pod.ready && !isSuffering(incident, pod))
  const control = mostThrottled(incident, others, container.name)
  return control && control.throttling.share >= AS_MUCH * share ? control : undefined
}

/** Shares within a fifth of each other are the same (judgement). */
const AS_MUCH = 0.8

function asMuch({ pod, throttling }: ThrottledPod): Claim {
  return { says: `${pod.ref.name} is well, and ${tellThrottling(throttling)}.`, cites: throttling.cites }
}

/** What else makes a probe late. */
function otherReason(
  incident: Incident,
  { workload, pods, container }: Suspect,
  slow: SlowWorkloads,
): string | undefined {
  const own = [...endsOf(incident)].filter(
    (one) => keyOf(one.pod.workload) === keyOf(workload.ref) && one.container.name === container.name,
  )
  if (own.some(({ end }) => end.reason === 'OOMKilled')) return `${container.name} was OOMKilled: it lacks memory.`
  const ended = own.find(({ end }) => ![137, 143, 0].includes(end.exitCode ?? 0))
  if (ended) return `${container.name} ended by itself with exit code ${ended.end.exitCode}: it was not only slow.`
  const isEverybody = pods.every(({ node }) => (slow.get(node)?.size ?? 0) >= OTHERS + 1)
  return isEverybody ? 'Probes of unrelated pods on the same node time out too: it is the node.' : undefined
}

/** Unrelated workloads on the node whose probes time out as well. */
const OTHERS = 2

function describe(incident: Incident, suspect: Suspect, isStrong: boolean): Finding {
  const { workload, pods, container, limit, said } = suspect
  const kills = incident
    .said('liveness-kill')
    .filter((one) => isCurrent(incident, one) && keyOf(incident.topOf(one.about)) === keyOf(workload.ref))
  const facts = [
    `probes ${said[0].id === 'probe-timed-out' ? 'timed out' : 'were refused'} ${countOrNo(timesOf(said), 'time')}`,
    ...(kills.length > 0 ? [`the kubelet killed it ${countOrNo(timesOf(kills), 'time')}`] : []),
    ...factsOf(suspect),
  ]
  const [pod] = pods as [Pod]
  return {
    kind: 'cause',
    subject: workload.ref,
    strength: isStrong && said[0].id === 'probe-timed-out' ? 'strong' : 'weak',
    from: earliest(said.map((one) => firstOf(incident, one))),
    to: latest(said.map((one) => one.last)),
    says: `${container.name} of ${workload.ref.name} has a CPU limit of ${showCores(limit)} and answers too late: ${facts.join(', ')}.`,
    cites: [
      cite(pod, [...container.specPath, 'resources']),
      ...citesOf(suspect),
      said[0].citation,
      ...kills.slice(0, 1).map(({ citation }) => citation),
    ],
    against: failingCalls(incident, pods),
    missing: MISSING,
    affects: pods.map(({ ref }) => ref),
  }
}

const MISSING = ['The throttling counters of the container (cAdvisor, cpu.stat).']

function factsOf({ lowered, usage }: CpuLimit): readonly string[] {
  const change = lowered && `changed the limit from ${lowered.before || 'none'} to ${lowered.after}`
  return [
    ...(lowered ? [`the rollout at ${clockTime(lowered.at)} ${change}`] : []),
    ...(usage ? [`it uses ${showCores(usage.cpu)}`] : []),
  ]
}

/** The change says more than what is used. */
function citesOf({ lowered, usage }: CpuLimit): readonly Citation[] {
  return lowered ? lowered.cites : usage ? [usage.citation] : []
}

/** A probe may wait for what the program calls. */
function failingCalls(incident: Incident, pods: readonly Pod[]): Claim[] {
  for (const { ref } of pods) {
    for (const { summary } of incident.logsOf(ref)) {
      const failing = summary.templates.find(
        ({ targets, last, level }) => targets.length > 0 && level !== 'info' && isRecent(incident, last),
      )
      if (failing)
        return [
          {
            says: `Its own calls to ${failing.targets[0]} fail; the probe may wait for these.`,
            cites: [citeLine(summary.path, failing.example.line, failing.example.text)],
          },
        ]
    }
  }
  return []
}

/** Containers that use all that they may, without any probe that tells: callers that wait too long do. */
function* findBusy(incident: Incident, workload: Workload): Generator<Finding | Rejection> {
  const running = workload.pods.filter(({ phase, deleted }) => phase === 'Running' && deleted === undefined)
  for (const container of running[0]?.containers ?? []) {
    const limit = readCpuLimit(incident, { workload: workload.ref, pods: running, container, onset: incident.now })
    const counted = limit && mostThrottled(incident, running, container.name)
    if (counted && counted.throttling.share >= THROTTLED)
      yield describeThrottled(incident, workload, running, limit, counted)
    else if (counted && isFree(incident, counted, container.name)) continue
    else if (limit?.isAtLimit) yield describeBusy(incident, workload, running, limit)
    else if (limit && limit.usage === undefined) yield* findCut(incident, workload, running, limit)
  }
}

/** Held up while the capture ran: a cause where callers wait for it, else a risk. */
function describeThrottled(
  incident: Incident,
  { ref }: Workload,
  running: readonly Pod[],
  limit: CpuLimit,
  { pod, throttling }: ThrottledPod,
): Finding {
  const callers = waitingCallers(incident, running)
  const { container } = limit
  const facts = [...factsOf(limit), tellThrottling(throttling)].join(', ')
  return {
    kind: callers.length > 0 ? 'cause' : 'risk',
    subject: ref,
    strength: callers.length > 0 && throttling.share >= MOSTLY ? 'strong' : 'weak',
    from: earliest(callers.map(({ first }) => first)),
    says: `${container.name} of ${ref.name} has a CPU limit of ${showCores(limit.limit)} that holds it up: ${facts}${tellWaiting(callers)}.`,
    cites: atLeastOne([
      ...throttling.cites.slice(0, 2),
      cite(pod, [...container.specPath, 'resources']),
      ...citesOf(limit),
      ...callers.slice(0, 1).flatMap(({ cites }) => cites[0]),
    ]),
    affects: uniqueRefs(callers.map(({ from }) => from)),
  }
}

/** Where nobody measured what is used, a limit that was cut and callers who wait too long since then suggest it. */
function* findCut(
  incident: Incident,
  { ref }: Workload,
  pods: readonly Pod[],
  limit: CpuLimit,
): Generator<Finding | Rejection> {
  const at = limit.lowered?.at
  const callers = waitingCallers(incident, pods)
  if (at === undefined || callers.length === 0 || !isCut(limit)) return
  const isSince = callers.every(({ first }) => first !== undefined && first >= at - incident.clocks.tolerance)
  if (isSince) yield describeCut(ref, pods, limit, callers)
  else yield reject(ref, 'Its CPU limit was cut, but callers waited too long for it before.')
}

function describeCut(ref: Ref, pods: readonly Pod[], limit: CpuLimit, callers: readonly Dependency[]): Finding {
  const [pod] = pods as [Pod]
  const { container } = limit
  return {
    kind: 'cause',
    subject: ref,
    strength: 'strong',
    from: earliest(callers.map(({ first }) => first)),
    says: `${container.name} of ${ref.name} may have too little CPU: ${factsOf(limit).join(', ')}${tellWaiting(callers)} since.`,
    cites: [
      cite(pod, [...container.specPath, 'resources']),
      ...citesOf(limit),
      ...callers.slice(0, 1).flatMap(({ cites }) => cites[0]),
    ],
    against: [
      {
        says: 'What it uses was not measured: whether it uses all of its limit is not known.',
        cites: [cite(pod, [...container.specPath, 'resources'])],
      },
    ],
    missing: [...MISSING, 'What it uses (the metrics API).'],
    affects: uniqueRefs(callers.map(({ from }) => from)),
  }
}

function describeBusy(incident: Incident, { ref }: Workload, pods: readonly Pod[], limit: CpuLimit): Finding {
  const callers = waitingCallers(incident, pods)
  const [pod] = pods as [Pod]
  const { container } = limit
  return {
    kind: callers.length > 0 ? 'cause' : 'risk',
    subject: ref,
    strength: callers.length > 0 ? 'strong' : 'weak',
    from: earliest(callers.map(({ first }) => first)),
    says: `${container.name} of ${ref.name} uses all of its CPU limit of ${showCores(limit.limit)}: ${factsOf(limit).join(', ')}${tellWaiting(callers)}.`,
    cites: [
      cite(pod, [...container.specPath, 'resources']),
      ...citesOf({ ...limit, lowered: undefined }),
      ...citesOf(limit),
      ...callers.slice(0, 1).flatMap(({ cites }) => cites[0]),
    ].slice(0, 5) as [Citation, ...Citation[]],
    missing: MISSING,
    affects: uniqueRefs([
      ...pods.filter((one) => isSuffering(incident, one)).map((one) => one.ref),
      ...callers.map(({ from }) => from),
    ]),
  }
}

function tellWaiting(callers: readonly Dependency[]): string {
  return callers.length === 0 ? '' : `; ${callers.map(({ from }) => from.name).join(', ')} waits too long for it`
}

/** Workloads whose calls to a Service of these pods time out. */
function waitingCallers(incident: Incident, pods: readonly Pod[]): readonly Dependency[] {
  return callsTo(incident, pods).filter(({ failing, classes }) => failing && classes?.includes('timeout') === true)
}
