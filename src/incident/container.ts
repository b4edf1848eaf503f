import { isTrueAt, type Json, listAt, numberAt, recordAt, textAt, timeAt } from './kubernetes.ts'
import { parseQuantity } from './quantity.ts'

/** A container of a pod: what was asked for and the state machine that the kubelet reports. */
export interface Container {
  readonly name: string
  /** `sidecar` is an init container with `restartPolicy: Always`: it is meant to go on running. */
  readonly role: 'main' | 'init' | 'sidecar' | 'ephemeral'
  readonly image: string
  readonly imageId: string
  readonly spec: Json
  /** Path of the spec, and of the status where the kubelet has reported one, from the root of the pod. */
  readonly specPath: readonly (string | number)[]
  readonly statusPath: readonly (string | number)[] | undefined
  readonly state: ContainerState
  /** How the previous instance ended. */
  readonly last: Terminated | undefined
  readonly restarts: number
  readonly ready: boolean
  readonly started: boolean | undefined
  /** Cores and bytes. */
  readonly requests: Resources
  readonly limits: Resources
  readonly probes: Readonly<Partial<Record<ProbeKind, Probe>>>
}

export type ProbeKind = 'liveness' | 'readiness' | 'startup'

/** A probe with the defaults filled in, in seconds (k8s.io/api/core/v1: period 10, timeout 1, failures 3). */
export interface Probe {
  readonly kind: 'http' | 'tcp' | 'exec' | 'grpc' | 'unknown'
  readonly initialDelay: number
  readonly period: number
  readonly timeout: number
  readonly failureThreshold: number
  /** Path and port of HTTP, port of TCP and gRPC, the command of exec: what says whether two probes are the same. */
  readonly target: string
}

export interface Resources {
  readonly cpu: number | undefined
  readonly memory: number | undefined
  readonly ephemeralStorage: number | undefined
}

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running'; readonly since: number | undefined }
  | ({ readonly kind: 'terminated' } & Terminated)
  | { readonly kind: 'unreported' }

export interface Terminated {
  readonly reason: string
  readonly exitCode: number | undefined
  readonly signal: number | undefined
  readonly message: string
  readonly started: number | undefined
  readonly finished: number | undefined
}

/** Reads the containers of a pod, in the order in which they start. */
export function readContainers(pod: Json): readonly Container[] {
  return [
    ...readGroup(pod, 'initContainers', 'initContainerStatuses', 'init'),
    ...readGroup(pod, 'containers', 'containerStatuses', 'main'),
    ...readGroup(pod, 'ephemeralContainers', 'ephemeralContainerStatuses', 'ephemeral'),
  ]
}

function readGroup(pod: Json, specs: string, statuses: string, role: 'init' | 'main' | 'ephemeral'): Container[] {
  const reported = listAt(pod, 'status', statuses)
  const byName = new Map(reported.map((status, index) => [textAt(status, 'name'), index]))
  return listAt(pod, 'spec', specs).map((spec, index) => {
    const name = textAt(spec, 'name')
    const place = byName.get(name)
    const status = place === undefined ? undefined : reported[place]
    return {
      name,
      role: role === 'init' && textAt(spec, 'restartPolicy') === 'Always' ? 'sidecar' : role,
      image: textAt(spec, 'image') || textAt(status, 'image'),
      imageId: textAt(status, 'imageID'),
      spec: recordAt(spec),
      specPath: ['spec', specs, index],
      statusPath: place === undefined ? undefined : ['status', statuses, place],
      state: readState(recordAt(status, 'state')),
      last: readLast(recordAt(status, 'lastState')),
      restarts: numberAt(status, 'restartCount') ?? 0,
      ready: isTrueAt(status, 'ready'),
      started: (status as Json | undefined)?.started as boolean | undefined,
      requests: readResources(recordAt(spec, 'resources', 'requests')),
      limits: readResources(recordAt(spec, 'resources', 'limits')),
      probes: readProbes(spec),
    }
  })
}

function readState(state: Json): ContainerState {
  if ('waiting' in state)
    return { kind: 'waiting', reason: textAt(state, 'waiting', 'reason'), message: textAt(state, 'waiting', 'message') }
  if ('running' in state) return { kind: 'running', since: timeAt(state, 'running', 'startedAt') }
  if ('terminated' in state) return { kind: 'terminated', ...readTerminated(recordAt(state, 'terminated')) }
  return { kind: 'unreported' }
}

function readLast(state: Json): Terminated | undefined {
  return 'terminated' in state ? readTerminated(recordAt(state, 'terminated')) : undefined
}

function readTerminated(terminated: Json): Terminated {
  return {
    reason: textAt(terminated, 'reason'),
    exitCode: numberAt(terminated, 'exitCode'),
    signal: numberAt(terminated, 'signal'),
    message: textAt(terminated, 'message'),
    started: timeAt(terminated, 'startedAt'),
    finished: timeAt(terminated, 'finishedAt'),
  }
}

/** Amounts in one unit: cores and bytes. */
export function readResources(amounts: Json): Resources {
  return {
    cpu: parseQuantity(amounts.cpu),
    memory: parseQuantity(amounts.memory),
    ephemeralStorage: parseQuantity(amounts['ephemeral-storage']),
  }
}

function readProbes(spec: unknown): Container['probes'] {
  const kinds = ['liveness', 'readiness', 'startup'] as const
  const found = kinds.flatMap((kind) => {
    const probe = recordAt(spec, `${kind}Probe`)
    return Object.keys(probe).length === 0 ? [] : [[kind, readProbe(probe)] as const]
  })
  return Object.fromEntries(found)
}

function readProbe(probe: Json): Probe {
  const timing = {
    initialDelay: numberAt(probe, 'initialDelaySeconds') ?? 0,
    period: numberAt(probe, 'periodSeconds') ?? 10,
    timeout: numberAt(probe, 'timeoutSeconds') ?? 1,
    failureThreshold: numberAt(probe, 'failureThreshold') ?? 3,
  }
  if ('httpGet' in probe) {
    const { path, port, scheme } = recordAt(probe, 'httpGet')
    return { ...timing, kind: 'http', target: `${scheme ?? 'HTTP'} ${port}${path ?? '/'}` }
  }
  if ('tcpSocket' in probe) return { ...timing, kind: 'tcp', target: `${recordAt(probe, 'tcpSocket').port}` }
  if ('grpc' in probe) return { ...timing, kind: 'grpc', target: `${recordAt(probe, 'grpc').port}` }
  if ('exec' in probe) return { ...timing, kind: 'exec', target: listAt(probe, 'exec', 'command').join(' ') }
  return { ...timing, kind: 'unknown', target: '' }
}
