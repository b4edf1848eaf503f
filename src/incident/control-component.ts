import { type Citation, cite, citeName } from './citation.ts'
import { compareText } from './compare-text.ts'
import { conditionOf } from './condition.ts'
import type { Incident } from './incident.ts'
import { listAt, textAt, timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import { isFailing, type Pod } from './pod.ts'
import { keyOf } from './reference.ts'
import { latest, tellTime } from './telling.ts'
import { touches } from './writes.ts'

/** A program of the control plane of which one instance at a time works, the one that holds the lease; and what is seen of it from within the cluster. */
export interface ControlComponent {
  /**
   * works: its lease was renewed until the capture, or a pod of it is well. ill: its pods are seen, and none is well. stands: its lease was
   * not renewed any more. missing: the API server runs as a pod beside it, and it does not. hidden: nothing is seen of it, as of a control plane that others run.
   */
  readonly state: 'works' | 'ill' | 'stands' | 'missing' | 'hidden'
  readonly pods: readonly Pod[]
  readonly lease: KubeObject | undefined
  /** When it was last seen to hold its lease. */
  readonly renewed: number | undefined
  /** A clause: `its lease was last renewed at …`. */
  readonly says: string
  readonly cites: readonly Citation[]
}

/** What such a program is called, in its lease and its container. */
export type ComponentName = 'kube-scheduler' | 'kube-controller-manager'

/** A leader renews every 2 s and loses its lease after 15 s (component-base/config, RecommendedDefaultLeaderElectionConfiguration). */
const STALE = 60 * 1000

/** Finds a program of the control plane by its pods and its lease. */
export function controlComponent(incident: Incident, name: ComponentName): ControlComponent {
  return known(incident)[name]
}

const known = onceFor((incident: Incident): Readonly<Record<ComponentName, ControlComponent>> => {
  return {
    'kube-scheduler': find(incident, 'kube-scheduler'),
    'kube-controller-manager': find(incident, 'kube-controller-manager'),
  }
})

function find(incident: Incident, name: ComponentName): ControlComponent {
  const pods = podsOf(incident, name)
  const lease = pods.some(isAlone) ? undefined : leaseOf(incident, name)
  const renewed = lease && renewedAt(lease)
  const isStale = renewed !== undefined && incident.start - renewed > STALE + incident.clocks.tolerance
  const found = { pods, lease, renewed }
  const leaseCites = lease ? [cite(lease, ['spec', 'renewTime'])] : []
  if (pods.length > 0 && pods.every((pod) => isIll(incident, pod)))
    return {
      ...found,
      state: 'ill',
      says: `none of its pods is well${isStale ? `, and its lease was last renewed at ${tellTime(renewed)}` : ''}`,
      cites: [...pods.slice(0, 2).map(citeIll), ...(isStale ? leaseCites : [])],
    }
  if (isStale)
    return { ...found, state: 'stands', says: `its lease was last renewed at ${tellTime(renewed)}`, cites: leaseCites }
  if (pods.length > 0 || lease)
    return { ...found, state: 'works', says: 'it works', cites: [...pods.slice(0, 1).map(citeName), ...leaseCites] }
  const [server] = incident.coverage.isComplete('pods', 'kube-system') ? podsOf(incident, 'kube-apiserver') : []
  if (!server) return { ...found, state: 'hidden', says: 'nothing is seen of it', cites: [] }
  return {
    ...found,
    state: 'missing',
    says: 'no pod runs it, while the API server runs as one',
    cites: [citeName(server)],
  }
}

/** Where it runs: kubeadm, kops and RKE2 have it in kube-system, OpenShift in a namespace for each. */
function namespacesOf(name: string): readonly string[] {
  return ['kube-system', `openshift-${name}`]
}

/** By the container, which is called the same everywhere. */
function podsOf({ pods }: Incident, name: string): readonly Pod[] {
  const homes = namespacesOf(name)
  return pods.filter(
    ({ ref, containers, phase, deleted }) =>
      homes.includes(ref.namespace ?? '') &&
      phase !== 'Succeeded' &&
      deleted === undefined &&
      containers.some((one) => one.name === name),
  )
}

/** Of a single one, minikube and k3s elect no leader: a lease is left over then. */
function isAlone({ containers }: Pod): boolean {
  return containers.some(({ spec }) =>
    [...listAt(spec, 'command'), ...listAt(spec, 'args')].includes('--leader-elect=false'),
  )
}

function leaseOf({ find }: Incident, name: string): KubeObject | undefined {
  return namespacesOf(name)
    .map((namespace) => find('Lease', namespace, name))
    .find((one) => one !== undefined)
}

/** By the clock of the leader or of the API server, whichever is later. */
function renewedAt({ json, writes }: KubeObject): number | undefined {
  return latest([
    timeAt(json, 'spec', 'renewTime'),
    ...writes.filter((write) => touches(write, 'spec')).map(({ at }) => at),
  ])
}

/** In a loop it runs for a moment now and then, and is called ready where it has no probe. */
function isIll({ start }: Incident, pod: Pod): boolean {
  return isFailing(pod) || pod.containers.some(({ restarts, last }) => restarts > 2 && endedWithin(start, last))
}

/** The longest wait between two restarts is five minutes (kubelet, MaxContainerBackOff). */
const LOOP = 10 * 60 * 1000

function endedWithin(start: number, last: Pod['containers'][number]['last']): boolean {
  return last?.finished !== undefined && start - last.finished < LOOP
}

function citeIll(pod: Pod): Citation {
  const ready = conditionOf(pod.conditions, 'Ready')
  return ready ? cite(pod, [...ready.path, 'status']) : citeName(pod)
}

/** The pod of it that holds the lease, or held it last; else any. */
export function leadingPod({ pods, lease }: ControlComponent): Pod | undefined {
  const holder = textAt(lease?.json, 'spec', 'holderIdentity').replace(/_[^_]*$/, '')
  return (
    pods.find(({ node }) => holder !== '' && node === holder) ??
    [...pods].sort((a, b) => compareText(keyOf(a.ref), keyOf(b.ref)))[0]
  )
}
