import type { Collector, NodeTarget, ObservedPod } from '../collector.ts'

/** Pods of one component that are asked; an agent has one on every node. */
const MOST_OF_A_COMPONENT = 8

/** A pod that a collector asks. */
interface Chosen {
  readonly collector: Collector
  readonly pod: ObservedPod
}

/** Decides which pods of components are asked what they count. */
export interface ChosenComponents {
  see(pod: ObservedPod): void
  /** A node that was chosen: its own agents are asked before those of others. */
  prefer(node: NodeTarget): void
  /** Tells that all pods and nodes have been seen; gives the pods to ask, those of suspects first. */
  settle(): Chosen[]
  /** Collectors that have nobody to ask. */
  without(): Collector[]
}

/** Creates the choice of one run. */
export function chooseComponents(collectors: readonly Collector[]): ChosenComponents {
  const askers = collectors.filter(({ scope }) => scope === 'component')
  const seen = new Map<string, ObservedPod>()
  const preferred = new Map<string, number>()

  function ofCollector(collector: Collector): Chosen[] {
    const known = [...seen.values()].filter((pod) => collector.componentOf?.(pod) !== undefined)
    const byComponent = Map.groupBy(known, (pod) => collector.componentOf?.(pod))
    return [...byComponent.values()].flatMap((pods) => {
      const best = pods.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, MOST_OF_A_COMPONENT)
      return best.map((pod) => ({ collector, pod }))
    })
  }

  function rankOf({ nodeName = '' }: ObservedPod): number {
    return preferred.get(nodeName) ?? 2
  }

  return {
    see(pod) {
      if (pod.change === 'DELETED') seen.delete(pod.uid)
      else if (pod.phase === 'Running' && askers.some((one) => one.componentOf?.(pod) !== undefined))
        seen.set(pod.uid, pod)
    },
    prefer({ name, suspect }) {
      preferred.set(name, suspect ? 0 : 1)
    },
    settle: () => askers.flatMap(ofCollector),
    without: () => askers.filter((collector) => ofCollector(collector).length === 0),
  }
}
