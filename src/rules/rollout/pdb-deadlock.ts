import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { numberAt, valueAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Pod } from '../../incident/pod.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { matchesSelector } from '../../incident/selector.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { isRecent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** A PodDisruptionBudget that allows nothing, while somebody wants a pod gone. */
export const pdbDeadlock: Rule<'pdb-deadlock'> = {
  id: 'pdb-deadlock',
  title: 'A disruption budget lets no pod be evicted',
  domain: 'rollout',
  seeds: ['KIA 11.4.5', 'KIA 8.5.2'],
  needs: ['poddisruptionbudgets.policy', 'pods'],
  helps: ['events', 'nodes'],
  explains: ['stuck-terminating', 'unhealthy-condition', 'warnings'],
  explain: {
    mechanism:
      'A drain, an upgrade or an autoscaler evicts pods through the eviction API, which refuses what a PodDisruptionBudget forbids. A budget that wants as many pods as there are, or whose pods are broken already, forbids everything for ever: the node never becomes empty.',
    proof: [
      'status.disruptionsAllowed is 0 while a node with its pods is cordoned, or events say that an eviction would violate the budget.',
    ],
    lookAlikes: [
      'karpenter-disruption-blocked: only a wish to save, not a drain.',
      'pod-finalizer-orphaned, pod-terminating-runtime-stuck: the pod was deleted already and does not go.',
    ],
    mitigate: [
      {
        says: 'Add a replica, so that one may go.',
        command: 'kubectl scale deployment/{name} -n {namespace} --replicas=2',
        changes: true,
      },
      { says: 'Or relax the budget for as long as the drain takes, and restore it afterwards.', changes: true },
    ],
    fix: [
      'Use maxUnavailable: 1 in place of minAvailable, never with a single replica, and unhealthyPodEvictionPolicy: AlwaysAllow.',
    ],
    links: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
  },
  *evaluate(incident) {
    const guards = readGuards(incident)
    const closed = new Set(guards.filter(({ allowed }) => allowed === 0).flatMap(({ pods }) => pods))
    for (const { budget, pods, allowed } of guards) {
      if (allowed > 0) yield reject(budget.ref, `It allows ${count(allowed, 'disruption')}.`)
      else if (onlyWaits(incident, budget, pods))
        yield reject(budget.ref, 'It allows a disruption again once the pod that replaces another one is ready.')
      else yield describe(incident, budget, pods, closed)
    }
  },
}

/** A budget with the pods that it guards, and how many of them may go now. */
interface Guard {
  readonly budget: KubeObject
  readonly pods: readonly Pod[]
  readonly allowed: number
}

function readGuards(incident: Incident): readonly Guard[] {
  return incident.objects('poddisruptionbudgets.policy').flatMap((budget) => {
    const pods = incident.pods.filter(
      ({ ref, labels, phase }) =>
        ref.namespace === budget.ref.namespace &&
        phase === 'Running' &&
        matchesSelector(valueAt(budget.json, 'spec', 'selector'), labels),
    )
    const allowed = numberAt(budget.json, 'status', 'disruptionsAllowed')
    return pods.length === 0 || allowed === undefined ? [] : [{ budget, pods, allowed }]
  })
}

/** A budget that spares a pod as soon as all are well, of pods that only just started: a drain that gets on. */
function onlyWaits(incident: Incident, { json }: KubeObject, pods: readonly Pod[]): boolean {
  const [expected, desired] = [numberAt(json, 'status', 'expectedPods'), numberAt(json, 'status', 'desiredHealthy')]
  if (expected === undefined || desired === undefined || expected <= desired) return false
  return !pods.some((pod) => isSuffering(incident, pod))
}

/** A node was cordoned just now where its drain may still be about to begin. */
const JUST_CORDONED = 2 * 60 * 1000

/** A drain evicts all pods at once: where others stay that nothing holds, a node was cordoned and no more. */
function isDrained(incident: Incident, name: string, closed: ReadonlySet<Pod>): boolean {
  const node = incident.nodeOf(name)
  const since = node?.taints.find(({ key }) => key === 'node.kubernetes.io/unschedulable')?.added
  if (node?.unschedulable !== true || (since !== undefined && incident.now - since <= JUST_CORDONED)) return false
  return incident.podsOn(name).every((pod) => closed.has(pod) || !isEvictable(pod))
}

/** Pods of a DaemonSet and of the node itself stay in a drain; what ended or is deleted is no longer waited for. */
function isEvictable({ ownerRef, phase, deleted }: Pod): boolean {
  if (deleted !== undefined || phase === 'Succeeded' || phase === 'Failed') return false
  return ownerRef?.kind !== 'DaemonSet' && ownerRef?.kind !== 'Node'
}

function describe(incident: Incident, budget: KubeObject, pods: readonly Pod[], closed: ReadonlySet<Pod>): Finding {
  const refused = refusalsOf(incident, budget, pods)
  const waiting = pods.filter(({ node }) => isDrained(incident, node, closed))
  const sick = pods.filter((pod) => isSuffering(incident, pod))
  const nodes = [...new Set(waiting.map(({ node }) => node))].sort()
  const isBlocked = refused.length > 0 || waiting.length > 0
  const why =
    sick.length > 0
      ? `${count(sick.length, 'pod')} of it ${sick.length === 1 ? 'is' : 'are'} not well`
      : `it wants ${numberAt(budget.json, 'status', 'desiredHealthy')} of ${numberAt(budget.json, 'status', 'expectedPods')} pods`
  const kind = !isBlocked ? 'risk' : sick.length > 0 ? 'mechanism' : 'cause'
  return {
    kind,
    subject: budget.ref,
    strength: refused.length > 0 ? 'proof' : waiting.length > 0 ? 'strong' : 'weak',
    from: earliest([
      ...refused.map(({ first }) => first),
      ...nodes.flatMap(
        (name) =>
          incident
            .nodeOf(name)
            ?.taints.filter(({ key }) => key === 'node.kubernetes.io/unschedulable')
            .map(({ added }) => added) ?? [],
      ),
    ]),
    says: `The budget ${budget.ref.name} allows no disruption, because ${why}${isBlocked ? `; ${nodes.length > 0 ? `the cordoned ${nodes.join(', ')} cannot be drained` : 'evictions are refused'}` : ''}.`,
    cites: atLeastOne([
      ...refused.slice(0, 2).map(({ citation }) => citation),
      cite(budget, ['status', 'disruptionsAllowed']),
      ...nodes.slice(0, 1).flatMap((name) => {
        const node = incident.nodeOf(name)
        return node ? [cite(node, ['spec', 'unschedulable'])] : []
      }),
    ]),
    affects: uniqueRefs([...pods.map(({ ref }) => ref), ...nodes.map((name) => ({ kind: 'Node', name }))]),
  }
}

/** Karpenter says so of every node that it would like to save: nothing is drained. */
const WISHES: readonly string[] = ['DisruptionBlocked', 'Unconsolidatable']

function refusalsOf(incident: Incident, budget: KubeObject, pods: readonly Pod[]): readonly Said[] {
  const names = new Set(pods.map(({ ref }) => ref.name))
  return incident
    .said('pdb-blocks-eviction', 'pdb-multiple', 'karpenter-drain-failed', 'pod-eviction-failure')
    .filter(
      ({ text, about, last, reason }) =>
        !WISHES.includes(reason) &&
        isRecent(incident, last) &&
        (text.includes(budget.ref.name) || names.has(about.name)),
    )
}
