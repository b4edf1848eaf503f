import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import { citeFigure, type Figure } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { showBytes } from '../../incident/quantity.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { countOrNo, earliest, latest } from '../../incident/telling.ts'
import { clockTime } from '../recency.ts'
import type { Finding, Rule } from '../rule.ts'
import { type Sayer, sayersOf } from '../sayers.ts'

/** A pod that wrote more than its own limit of local storage, or of a scratch volume. */
export const ephemeralLimitExceeded: Rule<'ephemeral-limit-exceeded'> = {
  id: 'ephemeral-limit-exceeded',
  title:
    'A pod writes more than its limit of ephemeral storage or of an emptyDir (ephemeral-limit-exceeded, emptydir-limit)',
  domain: 'disk',
  needs: ['pods'],
  helps: ['events', 'kubelet-stats'],
  explains: ['evicted', 'not-ready', 'no-endpoints', 'job-failing', 'crashing', 'rollout-stalled'],
  explain: {
    mechanism:
      'The kubelet adds up what the containers of a pod wrote to their layers, logs and emptyDirs. Beyond limits.ephemeral-storage, or the sizeLimit of an emptyDir, it evicts the pod, whatever room the node has. The next pod does the same.',
    proof: [
      'Reason Evicted with `Container … exceeded its local ephemeral storage limit`, `Pod ephemeral local storage usage exceeds the total limit of containers`, or `Usage of EmptyDir volume … exceeds the limit`.',
    ],
    lookAlikes: ['log-flood-diskpressure: `The node was low on resource`: the node is full, whoever filled it.'],
    mitigate: [
      {
        says: 'Raise the limit.',
        command: 'kubectl set resources deployment/{name} -n {namespace} --limits=ephemeral-storage=<more>',
        changes: true,
      },
    ],
    fix: ['Find what writes: temporary files, caches, logs in files. Clean up, or give it a volume.'],
    links: ['https://kubernetes.io/docs/concepts/storage/ephemeral-storage/'],
  },
  *evaluate(incident) {
    for (const sayer of sayersOf(incident, 'ephemeral-limit-exceeded', 'emptydir-limit')) yield describe(sayer)
    yield* findNear(incident)
  },
}

function describe({ workload, said, sick }: Sayer): Finding {
  const [first] = said
  const pods = uniqueRefs(said.map(({ about: { container: _, ...pod } }) => pod))
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: earliest(said.map((one) => one.first)),
    to: latest(said.map((one) => one.last)),
    says: `${countOrNo(pods.length, 'pod')} of ${workload.name} evicted for ${pods.length === 1 ? 'its' : 'their'} own use of local storage, last at ${clockTime(latest(said.map((one) => one.last)))}: ${first.words}.`,
    cites: [first.citation],
    affects: uniqueRefs([...pods, ...sick.map(({ ref }) => ref)]),
  }
}

/** What is left of a limit that is about to be exceeded: the kubelet looks every ten seconds (judgement). */
const NEAR = 0.9

/** Containers that nearly use what they may: the writable layer and the logs count against a container's limit. */
function* findNear(incident: Incident): Generator<Finding> {
  for (const pod of incident.pods) {
    for (const container of pod.containers) {
      const limit = container.limits.ephemeralStorage
      const usage = limit === undefined ? undefined : incident.counters.usageOfContainer(pod.ref, container.name)
      const figures = [usage?.rootfs.used, usage?.logs.used].filter((one) => one !== undefined)
      const used = figures.reduce((sum, { value }) => sum + value, 0)
      const isNear = limit !== undefined && container.state.kind === 'running' && used >= NEAR * limit
      if (isNear) yield describeNear(pod, container, used, limit, figures)
    }
  }
}

function describeNear(
  pod: Pod,
  container: Container,
  used: number,
  limit: number,
  figures: readonly Figure[],
): Finding {
  return {
    kind: 'risk',
    subject: pod.workload,
    strength: 'strong',
    from: undefined,
    says: `${container.name} of ${pod.ref.name} uses ${showBytes(used)} of the ${showBytes(limit)} of local storage that it may, and is evicted for more.`,
    cites: atLeastOne([...figures.map(citeFigure), cite(pod, [...container.specPath, 'resources'])]),
    affects: [pod.ref],
  }
}
