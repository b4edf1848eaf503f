import { cite } from '../../incident/citation.ts'
import { conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { CLUSTER, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { countOrNo, earliest } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Machines that start and never become nodes. */
export const nodeCannotJoin: Rule<'node-cannot-join'> = {
  id: 'node-cannot-join',
  title: 'Machines start and do not join the cluster',
  domain: 'node',
  needs: ['nodes'],
  helps: [
    'events',
    'nodeclaims.karpenter.sh',
    'certificatesigningrequests.certificates.k8s.io',
    'aws-eks',
    'aws-ec2',
    'node-logs',
  ],
  explains: ['unscheduled', 'not-scaling', 'unhealthy-condition'],
  explain: {
    mechanism:
      'A machine runs, and its kubelet does not register: its role is not known to the cluster, it cannot reach the API server, its user data or image is wrong, or nobody signs its certificate. Capacity that was ordered never comes, and pods stay Pending.',
    proof: [
      'A NodeClaim with Launched=True and Registered not True for minutes.',
      'Node group health: NodeCreationFailure, AsgInstanceLaunchFailures, Ec2LaunchTemplateVersionMismatch.',
      'Certificate requests of kubelets that stay Pending.',
    ],
    lookAlikes: [
      'karpenter-node-not-initialized: the node is there, and not usable yet.',
      'capacity-unavailable-ice: no machine started.',
      'A node that is NotReady has joined: its network plugin, mostly.',
    ],
    mitigate: [
      { says: 'Read the console output and cloud-init log of one machine.', changes: false },
      { says: 'Go back on the last change of image, user data, role or security group.', changes: true },
    ],
    fix: ['Give the node role an access entry; let nodes reach the API server, EC2, ECR, S3 and STS.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html#worker-node-fail'],
  },
  *evaluate(incident) {
    const waiting = pendingPods(incident)
    for (const claim of incident.objects('nodeclaims.karpenter.sh')) {
      if (!isUnregistered(incident, claim)) continue
      yield describeClaim(incident, claim, waiting)
    }
    yield* findUnsigned(incident, waiting)
    yield* findToldFailures(incident, waiting)
  },
}

/** A machine that boots normally is a node by then; Karpenter itself gives up after fifteen minutes (registrationTTL). */
const BOOT = 5 * 60 * 1000

function isUnregistered({ now }: Incident, { json, deleted }: KubeObject): boolean {
  const conditions = readConditions(json)
  const launched = conditionOf(conditions, 'Launched')
  const isRegistered = conditionOf(conditions, 'Registered')?.status === 'True'
  return deleted === undefined && launched?.status === 'True' && !isRegistered && now - (launched.since ?? now) > BOOT
}

function describeClaim(incident: Incident, claim: KubeObject, waiting: readonly Ref[]): Finding {
  const launched = conditionOf(readConditions(claim.json), 'Launched')
  const registered = conditionOf(readConditions(claim.json), 'Registered')
  const minutes = Math.round((incident.now - (launched?.since ?? incident.now)) / 60_000)
  return {
    kind: 'cause',
    subject: claim.ref,
    strength: 'strong',
    from: launched?.since,
    says: `The machine of ${claim.ref.name} was launched ${minutes} minutes ago and has not registered as a node; ${countOrNo(waiting.length, 'pod')} wait for one.`,
    cites: [
      cite(claim, [...(launched?.path ?? []), 'status']),
      ...(registered ? [cite(claim, [...registered.path, 'status'])] : []),
    ],
    missing: ['The console output of the machine, the access entries of the cluster.'],
    affects: waiting,
  }
}

const KUBELET_SIGNERS = new Set(['kubernetes.io/kube-apiserver-client-kubelet'])

/** Certificate requests with which kubelets want to join, that nobody has answered. */
function* findUnsigned(incident: Incident, waiting: readonly Ref[]): Generator<Finding> {
  const pending = incident.objects('certificatesigningrequests.certificates.k8s.io').filter(({ json, created }) => {
    const isOld = incident.now - (created ?? incident.now) > BOOT
    return (
      KUBELET_SIGNERS.has(textAt(json, 'spec', 'signerName')) &&
      listAt(json, 'status', 'conditions').length === 0 &&
      isOld
    )
  })
  const [first] = pending
  if (!first) return
  yield {
    kind: 'cause',
    subject: CLUSTER,
    strength: 'strong',
    from: earliest(pending.map(({ created }) => created)),
    says: `${countOrNo(pending.length, 'certificate request')} of kubelets that want to join ${pending.length === 1 ? 'is' : 'are'} not answered (${first.ref.name}).`,
    cites: [cite(first, ['spec', 'signerName'])],
    affects: waiting,
  }
}

function* findToldFailures(
  incident: Incident,
  waiting: readonly Ref[],
): Generator<Finding | ReturnType<typeof reject>> {
  const said = incident
    .said('node-cannot-join', 'launch-template-mismatch', 'node-registration-failed')
    .filter((one) => isCurrent(incident, one) && one.source !== 'log')
  const [first] = said
  if (!first) return
  if (waiting.length === 0) yield reject(first.about, 'A machine did not join, but no pod waits for one.')
  else
    yield {
      kind: 'cause',
      subject: first.about,
      strength: 'strong',
      from: earliest(said.map((one) => one.first)),
      says: `Machines do not join the cluster: ${first.text.slice(0, 200)}; ${countOrNo(waiting.length, 'pod')} wait for one.`,
      cites: [first.citation],
      affects: waiting,
    }
}

function pendingPods({ pods }: Incident): readonly Ref[] {
  return uniqueRefs(
    pods
      .filter(({ phase, node, deleted }) => phase === 'Pending' && node === '' && deleted === undefined)
      .map(({ ref }) => ref),
  )
}
