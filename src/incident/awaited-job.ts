import type { Container } from './container.ts'
import type { Incident } from './incident.ts'
import { listAt, numberAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import type { Pod } from './pod.ts'

/** A Job that an init container waits for, and that has failed. */
export interface AwaitedJob {
  readonly job: KubeObject
  /** Whether the init container names it; else it only fits: the same image or release, at the same time. */
  readonly isNamed: boolean
}

/** The failed Job that a pod's init containers wait for, if there is one. */
export function awaitedJobOf(incident: Incident, pod: Pod): AwaitedJob | undefined {
  const failed = failedJobs(incident).get(pod.ref.namespace) ?? []
  if (failed.length === 0) return undefined
  for (const container of pod.containers.filter(isUnfinished)) {
    const words = wordsOf(incident, pod, container)
    const named = failed.find(({ ref }) => namesJob(words, ref.name))
    if (named) return { job: named, isNamed: true }
    const fitting = WAITS.test(words) ? failed.find((job) => fits(job, pod, container)) : undefined
    if (fitting) return { job: fitting, isNamed: false }
  }
  return undefined
}

const failedJobs = onceFor((incident: Incident) =>
  Map.groupBy(incident.objects('jobs.batch').filter(hasFailed), ({ ref }) => ref.namespace),
)

function hasFailed({ json, deleted }: KubeObject): boolean {
  return (
    deleted === undefined && (numberAt(json, 'status', 'failed') ?? 0) > 0 && !numberAt(json, 'status', 'succeeded')
  )
}

function isUnfinished({ role, state }: Container): boolean {
  return role === 'init' && (state.kind !== 'terminated' || state.exitCode !== 0)
}

/** What an init container is called, runs and says. */
function wordsOf(incident: Incident, { ref }: Pod, { name, image, spec }: Container): string {
  const logs = incident.logsOf(ref).filter(({ container, previous }) => container === name && !previous)
  const said = logs.flatMap(({ summary: { tail, templates } }) => [tail.at(-1), templates.at(-1)?.lastLine])
  return [
    name,
    image,
    ...listAt(spec, 'command'),
    ...listAt(spec, 'args'),
    ...said.map((line) => line?.text ?? ''),
  ].join(' ')
}

const KIND = /^jobs?(?:\.batch|-wr?|-we)?$/i

/** `job/migrate` of kubectl, `job migrate` and `job-wr migrate` of k8s-wait-for, `jobs.batch "migrate" not complete` of many. */
function namesJob(words: string, name: string): boolean {
  const tokens = words.split(/[\s"'`,;:()[\]]+/)
  return tokens.some((token, index) => {
    const [kind = '', named] = token.split('/').slice(-2)
    return (named === name && KIND.test(kind)) || (token === name && KIND.test(tokens[index - 1] ?? ''))
  })
}

/** What says that it waits for what Jobs do. */
const WAITS = /\bjobs?\b|migrat|schema|upgrade|seed|init[-_ ]?db/i

/** Job and pod come of the same rollout this closely (judgement). */
const TOGETHER = 30 * 60 * 1000

function fits({ json, created, labels }: KubeObject, pod: Pod, { image, state }: Container): boolean {
  const begun = (state.kind === 'running' ? state.since : undefined) ?? pod.created
  if (Math.abs((created ?? 0) - (begun ?? 0)) > TOGETHER) return false
  const containers = listAt(json, 'spec', 'template', 'spec', 'containers')
  const release = labels[RELEASE]
  return (
    containers.some((one) => textAt(one, 'image') === image) ||
    (release !== undefined && release === pod.labels[RELEASE])
  )
}

const RELEASE = 'app.kubernetes.io/instance'
