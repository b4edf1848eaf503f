import { setTimeout as sleep } from 'node:timers/promises'
import { type KubeClient, KubeError } from '../kube/client.ts'
import { forgive } from '../kube/forgive.ts'
import { findProbeImage } from './probe-images.ts'
import { probeJob } from './probe-job.ts'

/** A pod of a node that is not under way by then is not coming: its image is small, and it needs no scheduler and no address. */
const START_MS = 45_000

/** A kubelet that is well has seen a new pod of its node by then. */
const SEEN_MS = 3000

/** Between two looks at a pod that starts. */
const POLL_MS = 500

/** Milliseconds for one request; what is under way when the run ends is waited for, so that nothing is created behind its back. */
const REQUEST_MS = 15_000

/** Time to remove it when the run is ended early; what is left then ends by itself. */
const REMOVE_MS = 1500

/** Reasons of a waiting container that waiting does not mend (kubernetes/kubernetes, pkg/kubelet/images/types.go, kuberuntime). */
const HOPELESS =
  /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|CreateContainer(Config)?Error|RunContainerError)$/

/** What a probe is made with. */
export interface ProbeAccess {
  readonly kube: Pick<KubeClient, 'get' | 'post' | 'delete'>
  readonly namespace: string
  /** Undefined for one that is on the node already. */
  readonly image: string | undefined
  /** Seconds after which it ends by itself. */
  readonly lifetime: number
  /** The end of the run. */
  readonly signal: AbortSignal
}

/** The probe of one node. */
export interface Probe {
  /** Creates it once, and resolves with its pod when that runs. Throws KubeError. */
  pod(): Promise<string>
  /** Whether there may be something to remove. */
  wasCreated(): boolean
  /** Removes it, also where it is still being created; throws where it could not be done in time. */
  remove(): Promise<void>
}

/** Plans the probe of a node; nothing is asked yet. */
export function openProbe(access: ProbeAccess, { node, name }: { node: string; name: string }): Probe {
  const { kube, namespace, lifetime } = access
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  let creating: Promise<unknown> | undefined
  let isCreated = false
  let started: Promise<string> | undefined
  let unseen: string | undefined

  async function start(): Promise<string> {
    const image = access.image ?? (await findProbeImage(kube, node, access.signal))
    access.signal.throwIfAborted()
    const job = probeJob({ name, namespace, node, image, pull: access.image !== undefined, lifetime })
    // The end of the run does not break it off.
    const options = { signal: AbortSignal.timeout(2 * REQUEST_MS), timeout: REQUEST_MS, verb: 'create' } as const
    creating = kube.post(jobs, job, options)
    await creating.catch((error) => {
      // What was refused is not there, and nothing must be said of it.
      if (isRefused(error)) creating = undefined
      forgiveTwice(error)
    })
    isCreated = true
    return untilRunning()
  }

  async function untilRunning(): Promise<string> {
    const query = new URLSearchParams({ labelSelector: `app.kubernetes.io/instance=${name}` })
    const path = `/api/v1/namespaces/${namespace}/pods?${query}`
    const began = Date.now()
    for (const until = began + START_MS; ; await sleep(POLL_MS, undefined, { signal: access.signal })) {
      const answer = await kube.get(path, { signal: access.signal, verb: 'list' })
      const [pod] = (JSON.parse(answer.body.toString()) as PodList).items ?? []
      unseen = Date.now() > began + SEEN_MS && !isSeen(pod) ? pod?.metadata.name : undefined
      if (pod?.status?.containerStatuses?.[0]?.state?.running) return pod.metadata.name
      const why = whyNot(pod)
      if (why !== undefined) throw notRunning(why)
      if (Date.now() > until) throw notRunning(whatMisses(pod), 'Timeout')
    }
  }

  function notRunning(why: string, reason = 'Unreachable'): KubeError {
    return new KubeError({ message: `The probe of node ${node} did not start: ${why}.`, status: 0, reason })
  }

  function whatMisses(pod: Pod | undefined): string {
    if (pod) return `its pod was not running after ${START_MS / 1000} s`
    return `its Job had no pod after ${START_MS / 1000} s; a quota or the pod security of namespace ${namespace} may forbid it`
  }

  return {
    pod() {
      started ??= start()
      return started
    },
    wasCreated: () => creating !== undefined,
    async remove() {
      if (!creating) return
      // Each has the time: a Job that is only now being created must be deleted all the same.
      const time = access.signal.aborted ? REMOVE_MS : REQUEST_MS
      await Promise.race([creating.catch(() => {}), sleep(time, undefined, { ref: false })])
      const body = { propagationPolicy: 'Background' }
      const signal = AbortSignal.timeout(time)
      await kube.delete(`${jobs}/${name}`, body, { signal, verb: 'delete' }).catch((error) => {
        forgive(404)(error)
        if (!isCreated && creating) throw unanswered(lifetime)
      })
      // Only its kubelet ends a pod that has a node (kubernetes/kubernetes, pkg/registry/core/pod/strategy.go: CheckGracefulDelete).
      if (unseen !== undefined) throw notEnded(unseen)
    },
  }
}

interface PodList {
  readonly items?: readonly Pod[]
}

interface Pod {
  readonly metadata: { readonly name: string }
  readonly status?: {
    readonly phase?: string
    /** When its kubelet has taken it up. */
    readonly startTime?: string
    readonly reason?: string
    readonly message?: string
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly running?: object
        readonly waiting?: { readonly reason?: string; readonly message?: string }
      }
    }[]
  }
}

/** Whether the kubelet of its node has ever said anything of it. */
function isSeen(pod: Pod | undefined): boolean {
  const { startTime, containerStatuses, phase = 'Pending' } = pod?.status ?? {}
  return startTime !== undefined || containerStatuses !== undefined || phase !== 'Pending'
}

/** Why a pod will never run; undefined while it may. */
function whyNot(pod: Pod | undefined): string | undefined {
  const { phase, reason, message, containerStatuses } = pod?.status ?? {}
  if (phase === 'Failed' || phase === 'Succeeded')
    return `its pod ${phase.toLowerCase()}: ${reason ?? ''} ${message ?? ''}`.trim()
  const waiting = containerStatuses?.[0]?.state?.waiting
  if (!HOPELESS.test(waiting?.reason ?? '')) return undefined
  return `${waiting?.reason}: ${(waiting?.message ?? '').slice(0, 300)}`.replace(/[.:\s]+$/, '')
}

/** A kubelet that has never seen a pod does not end it either, as long as it is silent. */
function notEnded(pod: string): KubeError {
  const message = `its Job is deleted, and its pod ${pod} goes when the kubelet answers, which has not taken it up`
  return new KubeError({ message, status: 0, reason: 'Timeout' })
}

/** What was not there to be removed may come yet. */
function unanswered(lifetime: number): KubeError {
  const message = `its creation was not answered, and it may come yet; it ends by itself after ${lifetime} s`
  return new KubeError({ message, status: 0, reason: 'Timeout' })
}

/** The name is this run's own: where it exists already, an earlier try has created it, and only its answer was lost. */
const forgiveTwice = forgive(409)

/** A definite answer that nothing was created. */
function isRefused(error: unknown): boolean {
  return error instanceof KubeError && error.status >= 400 && error.status < 500 && error.status !== 409
}
