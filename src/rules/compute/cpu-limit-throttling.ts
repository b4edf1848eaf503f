import { type Citation, cite } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { parseQuantity, showCores } from '../../incident/quantity.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { type Usage, usageOfContainer } from '../../incident/usage.ts'
import type { Workload } from '../../incident/workload.ts'
import { count } from '../group-by-node.ts'
import { clockTime, earliest, firstOf, isCurrent, isRecent, latest } from '../recency.ts'
import { type Claim, type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { type TemplateChange, templateChange } from '../template-change.ts'
import { endsOf } from './ended.ts'
import { probeTimeouts, slowWorkloadsByNode, timesOf } from './probe-timeouts.ts'

/** A container that the kernel holds up because it used its share of processor time, while the node idles. */
export const cpuLimitThrottling: Rule<'cpu-limit-throttling'> = {
  id: 'cpu-limit-throttling',
  title: 'A CPU limit throttles a container until it answers too late',
  domain: 'compute',
  seeds: ['HN 3', 'KIA 11.9.1'],
  needs: ['pods', 'events'],
  helps: ['cadvisor', 'pods.metrics.k8s.io', 'replicasets.apps'],
  explains: ['crashing', 'not-ready', 'no-endpoints', 'slow', 'errors', 'rollout-stalled', 'not-scaling'],
  explain: {
    mechanism:
      'A CPU limit is a quota for every 100 ms: a container with 50m may compute for 5 ms of them, and then stands still with all its threads, however idle the node is. Requests queue, probes wait in the same queue and time out, and the kubelet kills a container that is only slow. The others get its load and follow.',
    proof: [
      'cAdvisor: more than a quarter of container_cpu_cfs_periods_total are in container_cpu_cfs_throttled_periods_total (kubernetes-mixin, CPUThrottlingHigh).',
      '`cpu.stat` in the cgroup of the container: nr_throttled against nr_periods.',
      'Without counters it can only be suggested: a tight or lowered limit, usage at the limit, and probes that time out while the program runs.',
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
    const slow = Map.groupBy(probeTimeouts(incident), ({ about }) => keyOf(incident.topOf(about)))
    for (const workload of incident.workloads) {
      const said = slow.get(keyOf(workload.ref)) ?? []
      for (const [name, timeouts] of Map.groupBy(said, ({ about }) => about.container ?? '')) {
        const suspect = inspect(incident, workload, name, timeouts)
        if (suspect) yield judge(incident, suspect)
      }
    }
  },
}

/** A limit below which a piece of work of 20 ms takes longer than one period of the quota (100 ms): too little for a server. */
const TIGHT = 0.2

/** A limit from which on a single-threaded program is never throttled. */
const ONE_CORE = 1

/** So much of its limit a container uses on average when it is throttled in most periods (judgement). */
const AT_LIMIT = 0.9

/** A container younger than this has not used what its average says. */
const SETTLED = 2 * 60 * 1000

interface Suspect {
  readonly workload: Workload
  readonly pods: readonly Pod[]
  readonly container: Container
  readonly limit: number
  readonly timeouts: readonly Said[]
  readonly lowered: TemplateChange | undefined
  /** Of the pod that used most. */
  readonly usage: (Usage & { readonly cpu: number }) | undefined
}

function inspect(incident: Incident, workload: Workload, name: string, timeouts: readonly Said[]): Suspect | undefined {
  const pods = workload.pods.filter(
    (pod) => isSuffering(incident, pod) && timeouts.some(({ about }) => about.name === pod.ref.name),
  )
  const container = pods[0]?.containers.find(
    (one) => one.name === name || (name === '' && one.limits.cpu !== undefined),
  )
  const limit = container?.limits.cpu
  if (!container || limit === undefined) return undefined
  const lowered = loweredLimit(incident, workload, container.name, timeouts)
  return { workload, pods, container, limit, timeouts, lowered, usage: highestUsage(incident, pods, container.name) }
}

/** A change after the first late answer cannot be behind it. */
function loweredLimit(incident: Incident, { ref }: Workload, container: string, timeouts: readonly Said[]) {
  const change = templateChange(incident, ref, container, 'resources', 'limits', 'cpu')
  const [before = Number.POSITIVE_INFINITY, after] = [parseQuantity(change?.before), parseQuantity(change?.after)]
  const first = earliest(timeouts.map((one) => firstOf(incident, one))) ?? incident.now
  const isBefore = (change?.at ?? 0) <= first + incident.clocks.tolerance
  return after !== undefined && after < before && isBefore ? change : undefined
}

function highestUsage(incident: Incident, pods: readonly Pod[], container: string): Suspect['usage'] {
  const settled = pods.filter((pod) =>
    pod.containers.some(({ name, state }) => {
      return name === container && state.kind === 'running' && incident.now - (state.since ?? incident.now) > SETTLED
    }),
  )
  const usages = settled.flatMap((pod) => {
    const usage = usageOfContainer(incident, pod.ref, container)
    return usage?.cpu === undefined ? [] : [{ ...usage, cpu: usage.cpu }]
  })
  return usages.sort((a, b) => b.cpu - a.cpu)[0]
}

function judge(incident: Incident, suspect: Suspect): Finding | Rejection {
  const { workload, container, usage, limit, lowered } = suspect
  const why = otherReason(incident, suspect)
  if (why !== undefined) return reject(workload.ref, why)
  const isAtLimit = usage !== undefined && usage.cpu >= AT_LIMIT * limit
  if (usage && usage.cpu < limit / 2)
    return reject(
      workload.ref,
      `${container.name} uses ${showCores(usage.cpu)} of its CPU limit of ${showCores(limit)}.`,
    )
  if (!isAtLimit && !lowered && limit >= ONE_CORE)
    return reject(
      workload.ref,
      `The probes of ${container.name} time out, but its CPU limit of ${showCores(limit)} is not tight.`,
    )
  return describe(incident, suspect, isAtLimit || (lowered !== undefined && limit <= TIGHT))
}

/** What else makes a probe late. */
function otherReason(incident: Incident, { workload, pods, container }: Suspect): string | undefined {
  const own = [...endsOf(incident)].filter(
    (one) => keyOf(one.pod.workload) === keyOf(workload.ref) && one.container.name === container.name,
  )
  if (own.some(({ end }) => end.reason === 'OOMKilled')) return `${container.name} was OOMKilled: it lacks memory.`
  const ended = own.find(({ end }) => ![137, 143, 0].includes(end.exitCode ?? 0))
  if (ended) return `${container.name} ended by itself with exit code ${ended.end.exitCode}: it was not only slow.`
  const slow = slowWorkloadsByNode(incident)
  const isEverybody = pods.every(({ node }) => (slow.get(node)?.size ?? 0) >= OTHERS + 1)
  return isEverybody ? 'Probes of unrelated pods on the same node time out too: it is the node.' : undefined
}

/** Unrelated workloads on the node whose probes time out as well. */
const OTHERS = 2

function describe(incident: Incident, suspect: Suspect, isStrong: boolean): Finding {
  const { workload, pods, container, limit, timeouts, lowered, usage } = suspect
  const kills = incident
    .said('liveness-kill')
    .filter((one) => isCurrent(incident, one) && keyOf(incident.topOf(one.about)) === keyOf(workload.ref))
  const facts = [
    `probes timed out ${count(timesOf(timeouts), 'time')}`,
    ...(kills.length > 0 ? [`the kubelet killed it ${count(timesOf(kills), 'time')}`] : []),
    ...(lowered
      ? [
          `the rollout at ${clockTime(lowered.at)} changed the limit from ${lowered.before || 'none'} to ${lowered.after}`,
        ]
      : []),
    ...(usage ? [`it uses ${showCores(usage.cpu)}`] : []),
  ]
  const [pod] = pods as [Pod]
  return {
    kind: 'cause',
    subject: workload.ref,
    strength: isStrong ? 'strong' : 'weak',
    from: earliest(timeouts.map((one) => firstOf(incident, one))),
    to: latest(timeouts.map(({ last }) => last)),
    says: `${container.name} of ${workload.ref.name} has a CPU limit of ${showCores(limit)} and answers too late: ${facts.join(', ')}.`,
    cites: [cite(pod, [...container.specPath, 'resources']), ...citeFacts(suspect, kills)],
    against: failingCalls(incident, pods),
    missing: ['The throttling counters of the container (cAdvisor, cpu.stat).'],
    affects: pods.map(({ ref }) => ref),
  }
}

function citeFacts({ lowered, usage, timeouts }: Suspect, kills: readonly Said[]): Citation[] {
  const said = [...timeouts.slice(0, 1), ...kills.slice(0, 1)].map(({ citation }) => citation)
  return [...(lowered ? lowered.cites : []), ...(usage ? [usage.citation] : []), ...said].slice(0, 4)
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
            cites: [{ file: summary.path, line: failing.example.line, words: failing.example.text.slice(0, 300) }],
          },
        ]
    }
  }
  return []
}
