import { atLeastOne, cite, citeName } from '../../incident/citation.ts'
import { controlComponent, leadingPod } from '../../incident/control-component.ts'
import type { Incident } from '../../incident/incident.ts'
import { isFailing } from '../../incident/pod.ts'
import { CLUSTER, uniqueRefs } from '../../incident/reference.ts'
import { runnersOfScheduler } from '../../incident/runners-of-scheduler.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames, tellTime } from '../../incident/telling.ts'
import { DEFAULT_SCHEDULER, listUnseen, type UnseenPods } from '../../incident/unseen-pod.ts'
import type { Workload } from '../../incident/workload.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** Pods that wait for a scheduler which does not run. */
export const schedulerDown: Rule<'scheduler-down'> = {
  id: 'scheduler-down',
  title: 'The scheduler that pods wait for does not run',
  domain: 'control-plane',
  needs: ['pods'],
  helps: ['leases.coordination.k8s.io', 'events'],
  explains: ['unscheduled', 'not-ready', 'no-endpoints', 'rollout-stalled', 'job-failing', 'volume-failing'],
  explain: {
    mechanism:
      'A new pod stays Pending until the scheduler that its schedulerName asks for gives it a node. When that scheduler crashes, lost its lease, or is not there, nobody even writes why: the pod has no condition PodScheduled and no event. What runs goes on; whatever is new, restarted by its controller or moved waits.',
    proof: [
      'Pods have been Pending for minutes with no condition PodScheduled and no event of a scheduler, and no pod was given a node since.',
      'The Lease kube-scheduler in kube-system is not renewed any more, its pods fail, or none is there beside a kube-apiserver that runs as a pod.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory, untolerated-taint and the like: PodScheduled is False, in the words of a scheduler that works.',
      'Pods with schedulingGates: somebody holds them back on purpose.',
      'A managed control plane shows neither pods nor leases of its scheduler; nothing is said of it then.',
      'A schedulerName that is no default-scheduler: only its own scheduler matters.',
    ],
    mitigate: [
      {
        says: 'See whether it runs and holds its lease.',
        command: 'kubectl get pods,leases -n kube-system',
        changes: false,
      },
      {
        says: 'On the control plane node, see why its container ends: the kubelet starts it from /etc/kubernetes/manifests, where the file must be.',
        command: 'crictl ps -a --name kube-scheduler',
        changes: false,
      },
      { says: 'Mend its manifest or its kubeconfig; the kubelet starts it at once.', changes: true },
      {
        says: 'For a schedulerName that nobody has, run that scheduler or take the name from the pods.',
        changes: true,
      },
    ],
    fix: [
      'Run several instances of it with leader election, alert when the lease is not renewed, and check manifests before they are put in place.',
    ],
    links: [
      'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/',
      'https://kubernetes.io/docs/tasks/extend-kubernetes/configure-multiple-schedulers/',
    ],
  },
  *evaluate(incident) {
    for (const unseen of listUnseen(incident))
      yield unseen.scheduler === DEFAULT_SCHEDULER ? ofDefault(incident, unseen) : ofOther(incident, unseen)
  },
}

function ofDefault(incident: Incident, unseen: UnseenPods): Finding | Rejection {
  const scheduler = controlComponent(incident, 'kube-scheduler')
  const { state, renewed, says, cites, pods } = scheduler
  const [waiting] = unseen.pods
  if (state === 'works')
    return reject(waiting.workload, 'No scheduler has looked at its pods, but the scheduler works.')
  if (state === 'hidden')
    return reject(waiting.workload, 'No scheduler has looked at its pods, and nothing of the scheduler is seen.')
  const isSince = renewed === undefined || unseen.pods.some(({ created = 0 }) => created >= renewed)
  return {
    kind: state === 'ill' ? 'mechanism' : 'cause',
    subject: leadingPod(scheduler)?.workload ?? scheduler.lease?.ref ?? CLUSTER,
    strength: isSince ? 'proof' : 'strong',
    from: renewed ?? unseen.bound ?? earliest(unseen.pods.map(({ created }) => created)),
    says: `The scheduler does not run (kube-scheduler: ${says}), and nobody has looked at ${tellWaiting(unseen)}.`,
    cites: atLeastOne([...cites, ...unseen.pods.slice(0, 2).map((pod) => cite(pod, ['status', 'phase']))]),
    affects: uniqueRefs([...sufferersOf(incident, unseen.pods), ...pods.map(({ ref }) => ref)]),
  }
}

function tellWaiting({ pods, bound }: UnseenPods): string {
  const names = tellNames([...new Set(pods.map(({ workload }) => workload.name))])
  const last = bound === undefined ? '' : `; it gave a pod its node last at ${tellTime(bound)}`
  return `${count(pods.length, 'pod')} of ${names}${last}`
}

/** Schedulers of providers (EKS Fargate; GKE). */
const MANAGED = new Set(['fargate-scheduler', 'gke.io/optimize-utilization-scheduler'])

/** Where no workload is called as the scheduler is, it may be called otherwise, or run elsewhere: that pods had their node from it says so. */
function ofOther(incident: Incident, unseen: UnseenPods): Finding | Rejection {
  const [waiting] = unseen.pods
  if (MANAGED.has(unseen.scheduler))
    return reject(
      waiting.workload,
      `Its pods wait for ${unseen.scheduler}, which the provider runs where it is not seen.`,
    )
  const own = runnersOfScheduler(incident, unseen.scheduler)
  if (own.some(({ pods }) => pods.some((pod) => !isFailing(pod))))
    return reject(waiting.workload, `The scheduler ${unseen.scheduler} has not looked at its pods, but it runs.`)
  const [scheduler] = own
  return scheduler ? describeIll(incident, unseen, scheduler) : describeUnknown(incident, unseen)
}

function describeIll(incident: Incident, unseen: UnseenPods, { ref, pods, object, desired }: Workload): Finding {
  const state = desired === 0 ? 'is scaled to 0' : pods.length === 0 ? 'has no pod' : 'has no pod that is well'
  return {
    kind: pods.length > 0 ? 'mechanism' : 'cause',
    subject: ref,
    strength: 'strong',
    from: unseen.bound ?? earliest(unseen.pods.map(({ created }) => created)),
    says: `The scheduler ${unseen.scheduler} does not run (${ref.kind} ${ref.name} ${state}), and nobody has looked at ${tellWaiting(unseen)}.`,
    cites: atLeastOne([
      ...(object ? [cite(object, desired === 0 ? ['spec', 'replicas'] : ['status'])] : pods.slice(0, 1).map(citeName)),
      ...unseen.pods.slice(0, 2).map((pod) => cite(pod, ['spec', 'schedulerName'])),
    ]),
    affects: uniqueRefs([...sufferersOf(incident, unseen.pods), ...pods.map((pod) => pod.ref)]),
  }
}

function describeUnknown(incident: Incident, unseen: UnseenPods): Finding {
  const { pods, scheduler, bound } = unseen
  const isKnown = bound !== undefined || !incident.coverage.isComplete('pods')
  return {
    kind: 'cause',
    subject: pods[0].workload,
    strength: isKnown ? 'weak' : 'strong',
    from: earliest(pods.map(({ created }) => created)),
    says: `Nobody has looked at ${tellWaiting(unseen)}, which ask for the scheduler ${scheduler}${isKnown ? '' : ': no pod has its node from it, and nothing here runs it'}.`,
    cites: atLeastOne(pods.slice(0, 3).map((pod) => cite(pod, ['spec', 'schedulerName']))),
    affects: sufferersOf(incident, pods),
  }
}
