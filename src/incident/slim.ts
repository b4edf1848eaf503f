import type { Container } from './container.ts'
import { isHealthy, type Pod } from './pod.ts'

/**
 * Makes pods small where nothing is wrong with them. A healthy one keeps what every rule may ask of it; its spec and whatever else it was
 * captured with only where it is the first of its owner, as the sample of all that run the same template. Clusters have many pods and few
 * sick ones; without this the model would not fit into memory.
 */
export function createSlimmer(): (pod: Pod) => Pod {
  const words = new Map<string, string>()
  const parts = new Map<string, unknown>()
  const sampled = new Set<string>()

  function shareWord(word: string): string {
    const known = words.get(word)
    if (known !== undefined) return known
    words.set(word, word)
    return word
  }

  /** The first of all equal values. */
  function share<T>(value: T): T {
    const text = JSON.stringify(value)
    const known = parts.get(text) as T | undefined
    if (known !== undefined) return known
    parts.set(text, value)
    return value
  }

  function shareContainer({ spec: _, ...container }: Container): Container {
    return {
      ...container,
      name: shareWord(container.name),
      image: shareWord(container.image),
      imageId: shareWord(container.imageId),
      spec: NOTHING,
      specPath: share(container.specPath),
      statusPath: share(container.statusPath),
      requests: share(container.requests),
      limits: share(container.limits),
      probes: share(container.probes),
    }
  }

  return (pod) => {
    const uses = share(pod.uses)
    const sample = `${pod.ref.namespace}/${pod.ownerRef?.name ?? pod.ref.name}`
    if (!isHealthy(pod) || !sampled.has(sample)) {
      if (isHealthy(pod)) sampled.add(sample)
      return { ...pod, uses }
    }
    return {
      ...pod,
      ref: { kind: 'Pod', namespace: shareWord(pod.ref.namespace ?? ''), name: pod.ref.name },
      uses,
      labels: share(pod.labels),
      annotations: NO_WORDS,
      owners: share(pod.owners),
      ownerRef: pod.ownerRef && share(pod.ownerRef),
      node: shareWord(pod.node),
      json: NOTHING,
      writes: [],
      conditions: pod.conditions.map(({ type, status, since, path }) => ({
        type: shareWord(type),
        status: shareWord(status),
        reason: '',
        message: '',
        since,
        path: share(path),
      })),
      containers: pod.containers.map(shareContainer),
    }
  }
}

const NOTHING = {}

const NO_WORDS: Readonly<Record<string, string>> = {}
