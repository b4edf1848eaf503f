import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { isFailing, type Pod, waitsForNode } from '../../incident/pod.ts'
import { CLUSTER, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { type DriverPart, driverParts, partsOf } from './drivers.ts'
import { claimsOf, saidOfPods, waitsToStart } from './volumes.ts'

/** A storage driver that does not run, everywhere or on one node. */
export const csiControllerOrNodeDown: Rule<'csi-controller-or-node-down'> = {
  id: 'csi-controller-or-node-down',
  title: 'A storage driver does not run',
  domain: 'storage',
  seeds: ['KIA 2.6'],
  needs: ['pods'],
  helps: ['events', 'persistentvolumeclaims', 'storageclasses.storage.k8s.io', 'csinodes.storage.k8s.io', 'logs'],
  explains: [
    'not-starting',
    'unscheduled',
    'volume-failing',
    'stuck-terminating',
    'rollout-stalled',
    'no-endpoints',
    'not-ready',
  ],
  explain: {
    mechanism:
      'One part of a driver makes and attaches volumes, another mounts them on each node. Without the first no new volume is made or attached anywhere; without the second none is mounted on that node. What is mounted already goes on working.',
    proof: [
      '`driver name … not found in the list of registered CSI drivers`.',
      'The controller of the driver has no ready pod, and claims of its classes stay Pending (`Waiting for a volume to be created, either by the external provisioner …`).',
    ],
    lookAlikes: [
      'ebs-attach-timeout-or-stuck-on-dead-node: one volume only.',
      'On a node that has just started the driver needs a minute to announce itself.',
    ],
    mitigate: [
      { says: 'Look at the pods of the driver.', command: 'kubectl get pods -A | grep -i csi', changes: false },
      { says: 'Restore the add-on or its permissions; leave pods with mounted volumes alone.', changes: true },
    ],
    fix: ['Two replicas of the controller with a budget, high priority, and its own role.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html', 'https://kubernetes-csi.github.io/docs/'],
  },
  *evaluate(incident) {
    const parts = driverParts(incident)
    yield* findUnregistered(incident, parts)
    yield* findIdleControllers(incident, parts)
  },
}

/** A node is young, and its drivers not yet announced, for so long. */
const START = 3 * 60 * 1000

/** Pods whose node does not know the driver of their volumes. */
function* findUnregistered(
  incident: Incident,
  parts: readonly DriverPart[],
): Generator<Finding | ReturnType<typeof reject>> {
  const said = incident.said('csi-driver-not-registered').filter((one) => isCurrent(incident, one))
  const waiting = saidOfPods(incident, said, waitsToStart)
  const groups = Map.groupBy(waiting, (one) => one.said[0].values.driver ?? '')
  for (const [driver, members] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const settled = members.filter(({ pod }) => !isNewNode(incident, pod.node))
    const [first] = settled
    if (!first) yield reject({ kind: 'CSIDriver', name: driver }, 'Only nodes that have just started do not know it.')
    else yield describeUnregistered(driver, partsOf(parts, driver), settled)
  }
}

function isNewNode({ nodeOf, now }: Incident, name: string): boolean {
  return now - (nodeOf(name)?.created ?? 0) < START
}

function describeUnregistered(
  driver: string,
  parts: readonly DriverPart[],
  waiting: readonly { readonly pod: Pod; readonly said: readonly [Said, ...Said[]] }[],
): Finding {
  const nodes = [...new Set(waiting.map(({ pod }) => pod.node))].sort()
  const part = parts.find(({ role }) => role === 'node')
  const sick = part?.workload.pods.filter((pod) => nodes.includes(pod.node) && isFailing(pod)) ?? []
  const said = waiting.map((one) => one.said[0])
  const why = part
    ? sick.length > 0
      ? `; ${part.workload.ref.name} does not run there`
      : ''
    : '; nothing in the cluster seems to serve it'
  return {
    kind: part && sick.length > 0 ? 'mechanism' : 'cause',
    subject: part?.workload.ref ?? { kind: 'CSIDriver', name: driver },
    strength: 'proof',
    from: earliest(said.map((one) => one.first)),
    says: `The storage driver ${driver} has not announced itself on ${nodes.slice(0, 3).join(', ')}, where ${count(waiting.length, 'pod')} ${waiting.length === 1 ? 'waits' : 'wait'} for its volumes${why}.`,
    cites: atLeastOne([
      ...said.slice(0, 2).map(({ citation }) => citation),
      ...sick.slice(0, 1).map((pod) => cite(pod, ['status', 'phase'])),
    ]),
    affects: uniqueRefs([...waiting.map(({ pod }): Ref => pod.ref), ...sick.map(({ ref }) => ref)]),
  }
}

/** Controllers without a ready pod that somebody waits for. */
function* findIdleControllers(incident: Incident, parts: readonly DriverPart[]): Generator<Finding> {
  for (const { pods, driver, citation, from } of waitingByDriver(incident)) {
    const controllers = partsOf(parts, driver).filter(({ role }) => role === 'controller')
    if (controllers.some(({ workload }) => workload.pods.some(({ ready }) => ready))) continue
    const [controller] = controllers
    if (controller) yield describeController(controller, driver, pods, citation, from)
    else if (!isManaged(incident, driver)) yield describeNobody(driver, pods, citation, from)
  }
}

/** Clouds run the controllers of their own drivers out of sight; provisioners within Kubernetes have no pods either. */
function isManaged(incident: Incident, driver: string): boolean {
  const isOurs = incident.coverage.isComplete('pods') && incident.coverage.isComplete('csidrivers.storage.k8s.io')
  return !isOurs || driver.startsWith('kubernetes.io/') || incident.find('CSIDriver', undefined, driver) !== undefined
}

interface Demand {
  readonly driver: string
  readonly pods: readonly Ref[]
  readonly citation: Citation
  readonly from: number | undefined
}

function waitingByDriver(incident: Incident): readonly Demand[] {
  const said = incident.said('volume-waits-for-provisioner').filter((one) => isCurrent(incident, one))
  const open = said.filter(({ about }) => isOverdue(incident, incident.find(about.kind, about.namespace, about.name)))
  const byDriver = Map.groupBy(
    [...open, ...stuckAttachments(incident)],
    ({ values }) => values.driver ?? values.provisioner ?? '',
  )
  return [...byDriver]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([driver, members]) => {
      const [first] = members
      const claims = members.map(({ about }) => about)
      return first && driver !== ''
        ? [
            {
              driver,
              citation: first.citation,
              from: earliest(members.map((one) => one.first)),
              pods: uniqueRefs([...claims, ...claims.flatMap((claim) => usersOf(incident, claim))]),
            },
          ]
        : []
    })
}

/** A volume is made within seconds, and every claim is told to wait for it; a minute is long. */
const PATIENCE = 60 * 1000

function isOverdue({ now }: Incident, claim: KubeObject | undefined): boolean {
  return textAt(claim?.json, 'status', 'phase') === 'Pending' && now - (claim?.created ?? 0) >= PATIENCE
}

function usersOf(incident: Incident, { namespace, name }: Ref): readonly Ref[] {
  return incident.pods
    .filter((pod) => pod.ref.namespace === namespace && (waitsForNode(pod) || waitsToStart(pod)))
    .filter((pod) => claimsOf(incident, pod).some((claim) => claim.ref.name === name))
    .map(({ ref }) => ref)
}

/** Attachments that the driver was asked for and did not make: `timed out waiting for external-attacher of … CSI driver`. */
function stuckAttachments(incident: Incident): readonly Said[] {
  return incident
    .said('volume-attach-timeout')
    .filter((said) => said.values.driver !== undefined && isCurrent(incident, said))
}

function describeController(
  { workload }: DriverPart,
  driver: string,
  waiting: readonly Ref[],
  citation: Citation,
  from: number | undefined,
): Finding {
  const isWanted = workload.pods.length > 0
  const place = workload.object
    ? [cite(workload.object, ['status'])]
    : workload.pods.slice(0, 1).map((pod) => citeName(pod))
  return {
    kind: isWanted ? 'mechanism' : 'cause',
    subject: workload.ref,
    strength: 'proof',
    from,
    says: `${workload.ref.name}, which makes and attaches volumes of ${driver}, has ${isWanted ? `${workload.pods.length} pods and none is ready` : 'no pod'}; ${waiting.length} claims and pods wait for it.`,
    cites: atLeastOne([citation, ...place]),
    affects: uniqueRefs(
      [...waiting, ...workload.pods.map(({ ref }) => ref)].filter((ref) => keyOf(ref) !== keyOf(CLUSTER)),
    ),
  }
}

function describeNobody(
  driver: string,
  waiting: readonly Ref[],
  citation: Citation,
  from: number | undefined,
): Finding {
  return {
    kind: 'cause',
    subject: { kind: 'CSIDriver', name: driver },
    strength: 'strong',
    from,
    says: `Nothing in the cluster serves the provisioner ${driver}, for which ${waiting.length} claims and pods wait.`,
    cites: [citation],
    affects: waiting,
  }
}
