import type { Observed, ObservedEvent, ObservedNode, ObservedPod } from '../collector.ts'
import type { Focus } from './options.ts'

/** A pod whose logs are to be read, and why. */
export interface LogTarget {
  readonly pod: ObservedPod
  readonly suspect: boolean
  readonly reason: string
}

const CONTROL = 'healthy control of the same workload'

/** Stands for the candidate of a workload whose control was taken; no pod key is empty. */
const TAKEN = ''

/** Decides whose logs are read, from the objects that pass by, in one pass and with a few hundred bytes for each healthy pod. */
export interface Suspects {
  /** The pods that this observation makes worth reading; each pod is returned once in a run, by uid. */
  see(observed: Observed): LogTarget[]
  /** A pod that must be read now, if it was seen and not chosen yet. */
  choose(pod: { namespace: string; name: string }, reason: string): LogTarget | undefined
  /** Pods seen, and pods chosen. */
  counts(): { readonly seen: number; readonly chosen: number }
  /** Each focus that no pod seen belongs to. */
  unmatched(): readonly Focus[]
}

/** Creates the choice of one run. `suspects`: the sick, the system namespace and one healthy control for each workload that has a suspect. */
export function createSuspects(policy: 'all' | 'suspects' | 'none', focus: readonly Focus[]): Suspects {
  const chosen = new Set<string>()
  const held = new Map<string, ObservedPod>()
  const sickNodes = new Map<string, string>()
  const candidates = new Map<string, string>()
  const sickWorkloads = new Set<string>()
  const warned = new Map<string, string>()
  const layouts = new Map<string, ObservedPod['containers']>()
  const unmatched = new Set(focus)
  let seen = 0

  function take(pod: ObservedPod, suspect: boolean, reason: string): LogTarget[] {
    if (chosen.has(pod.uid)) return []
    chosen.add(pod.uid)
    held.delete(keyOf(pod))
    return [{ pod, suspect, reason }, ...(suspect ? takeControl(pod.controller) : [])]
  }

  function takeControl(workload: string | undefined): LogTarget[] {
    if (workload === undefined || sickWorkloads.has(workload)) return []
    sickWorkloads.add(workload)
    const control = held.get(candidates.get(workload) ?? '')
    if (!control) return []
    candidates.set(workload, TAKEN)
    return take(control, false, CONTROL)
  }

  function hold(pod: ObservedPod): void {
    held.set(keyOf(pod), shareLayout(pod, layouts))
    if (pod.ready && pod.controller && !candidates.has(pod.controller)) candidates.set(pod.controller, keyOf(pod))
  }

  function seePod(pod: ObservedPod): LogTarget[] {
    if (pod.change === undefined || pod.change === 'ADDED') seen++
    for (const one of unmatched) if (isFocused(pod, one)) unmatched.delete(one)
    if (policy === 'none' || chosen.has(pod.uid)) return []
    const reason = describeSickness(pod) ?? describeContext(pod)
    if (reason !== undefined) return take(pod, true, reason)
    if (policy === 'all') return take(pod, false, '--logs all')
    if (pod.namespace === 'kube-system') return take(pod, false, 'system namespace')
    if (pod.ready && pod.controller && sickWorkloads.has(pod.controller) && !candidates.has(pod.controller)) {
      candidates.set(pod.controller, TAKEN)
      return take(pod, false, CONTROL)
    }
    if (policy === 'suspects') hold(pod)
    return []
  }

  function describeContext(pod: ObservedPod): string | undefined {
    const event = warned.get(keyOf(pod))
    if (event !== undefined) return `named in a Warning event (${event})`
    const sickness = pod.nodeName === undefined ? undefined : sickNodes.get(pod.nodeName)
    if (sickness !== undefined) return `on node ${pod.nodeName}, ${sickness}`
    const named = focus.find((one) => isFocused(pod, one))
    return named && `--focus ${describeFocus(named)}`
  }

  function seeNode(node: ObservedNode): LogTarget[] {
    const sickness = describeNode(node)
    if (sickness === undefined || sickNodes.has(node.name)) return []
    sickNodes.set(node.name, sickness)
    const pods = [...held.values()].filter((pod) => pod.nodeName === node.name)
    return pods.flatMap((pod) => take(pod, true, `on node ${node.name}, ${sickness}`))
  }

  function seeEvent(event: ObservedEvent): LogTarget[] {
    if (event.type !== 'Warning' || event.object.kind !== 'Pod' || event.object.namespace === undefined) return []
    const key = `${event.object.namespace}/${event.object.name}`
    const pod = held.get(key)
    if (pod) return take(pod, true, `named in a Warning event (${event.reason})`)
    warned.set(key, event.reason)
    return []
  }

  return {
    see(observed) {
      if (policy === 'none') return observed.kind === 'Pod' ? seePod(observed) : []
      if (observed.kind === 'Pod') return seePod(observed)
      return observed.kind === 'Node' ? seeNode(observed) : seeEvent(observed)
    },
    choose(pod, reason) {
      const known = held.get(`${pod.namespace}/${pod.name}`)
      return known && take(known, true, reason)[0]
    },
    counts: () => ({ seen, chosen: chosen.size }),
    unmatched: () => [...unmatched],
  }
}

/** The first reason that makes a pod suspect by its own status, or undefined for a healthy one; a Succeeded pod is healthy. */
export function describeSickness(pod: ObservedPod): string | undefined {
  if (pod.deletionTimestamp !== undefined) return 'terminating'
  if (pod.phase === 'Failed') return `failed${pod.reason ? ` (${pod.reason})` : ''}`
  for (const container of pod.containers) {
    if (container.restarts > 0) return `container ${container.name} restarted ${container.restarts} times`
    if (container.state === 'terminated' && container.exitCode !== 0) {
      return `container ${container.name} ended with exit code ${container.exitCode ?? 'unknown'}`
    }
    if (container.state === 'waiting' && container.reason !== undefined) {
      return `container ${container.name} is waiting (${container.reason})`
    }
  }
  if (pod.phase !== 'Succeeded' && !pod.ready) return 'not Ready'
  return undefined
}

/** What makes a node suspect by its own conditions, or undefined for a healthy one. */
export function describeNode(node: ObservedNode): string | undefined {
  if (!node.ready) return 'which is not Ready'
  return node.problems.length > 0 ? `which reports ${node.problems.join(', ')}` : undefined
}

/** A focus as it was asked for: `deployment/shop/web`, `node/ip-10-0-1-7`. */
export function describeFocus({ kind, namespace, name }: Focus): string {
  return [kind, namespace, name].filter(Boolean).join('/')
}

/** Pods of a workload carry its name as a prefix (metadata.generateName of every built-in controller), so a focus on it needs no owner chain. */
function isFocused(pod: ObservedPod, focus: Focus): boolean {
  const kind = focus.kind.toLowerCase().replace(/s$/, '')
  if (kind === 'node') return pod.nodeName === focus.name
  if (kind === 'namespace') return pod.namespace === focus.name
  if (focus.namespace !== pod.namespace) return false
  return kind === 'pod' ? pod.name === focus.name : pod.name.startsWith(`${focus.name}-`)
}

/** Pods of one workload have the same containers: healthy ones keep one copy of that list between them. */
function shareLayout(pod: ObservedPod, layouts: Map<string, ObservedPod['containers']>): ObservedPod {
  const key = JSON.stringify(pod.containers)
  const containers = layouts.get(key) ?? pod.containers
  layouts.set(key, containers)
  return { ...pod, containers }
}

function keyOf(pod: { namespace: string; name: string }): string {
  return `${pod.namespace}/${pod.name}`
}
