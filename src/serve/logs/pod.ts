import { at, list, text } from '../table/access.ts'

/** What an answer about logs needs of a pod. */
export interface LogPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Names of the ordinary containers. */
  readonly containers: readonly string[]
  /** Names of all: init containers, ordinary ones, ephemeral ones, in the order of the API server (podutil.VisitContainers). */
  readonly all: readonly string[]
  /** Whether it has a node: without, nobody has a log of it. */
  readonly isScheduled: boolean
  /** Names of those of which the kubelet said anything. */
  readonly reported: ReadonlySet<string>
  /** Names of those of which an earlier instance is known. */
  readonly restarted: ReadonlySet<string>
}

/** Reads a pod that may come from a stranger: what is not as it should be is not there. */
export function readPod(pod: unknown): LogPod {
  const spec = at(pod, 'spec')
  const metadata = at(pod, 'metadata')
  const statuses = readStatuses(at(pod, 'status'))
  const containers = namesIn(spec, 'containers')
  return {
    namespace: text(metadata, 'namespace'),
    name: text(metadata, 'name'),
    uid: text(metadata, 'uid'),
    containers,
    all: [...namesIn(spec, 'initContainers'), ...containers, ...namesIn(spec, 'ephemeralContainers')],
    isScheduled: text(spec, 'nodeName') !== '',
    reported: new Set(statuses.map((one) => text(one, 'name'))),
    restarted: new Set(statuses.filter(hasEarlier).map((one) => text(one, 'name'))),
  }
}

const STATUSES = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']

function readStatuses(status: unknown): unknown[] {
  return STATUSES.flatMap((name) => list(status, name))
}

/** The kubelet knows an earlier instance by nothing else (validateContainerLogStatus). */
function hasEarlier(status: unknown): boolean {
  return text(status, 'lastState', 'terminated', 'containerID') !== ''
}

function namesIn(spec: unknown, name: string): string[] {
  return list(spec, name).map((container) => text(container, 'name'))
}
