import type { Container } from './container.ts'
import { type Json, recordAt } from './kubernetes.ts'
import { isHealthy, type Pod } from './pod.ts'

/**
 * Makes pods small where nothing is wrong with them. A healthy one keeps what every rule may ask of it; its spec is that of the first of its
 * owner, because they run the same template. Clusters have many pods and few sick ones; without this the model would not fit into memory.
 */
export function createSlimmer(): (pod: Pod) => Pod {
  const words = new Map<string, string>()
  const parts = new Map<string, unknown>()
  const samples = new Map<string, Json>()

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

  function shareContainer(container: Container, sample: Json): Container {
    return {
      ...container,
      name: shareWord(container.name),
      image: shareWord(container.image),
      imageId: shareWord(container.imageId),
      spec: recordAt(sample, ...container.specPath),
      specPath: share(container.specPath),
      statusPath: share(container.statusPath),
      requests: share(container.requests),
      limits: share(container.limits),
      probes: share(container.probes),
    }
  }

  return (pod) => {
    const uses = share(pod.uses)
    const owner = `${pod.ref.namespace}/${pod.ownerRef?.name ?? pod.ref.name} ${pod.templateHash}`
    const sample = samples.get(owner)
    if (!isHealthy(pod) || !sample) {
      if (isHealthy(pod)) samples.set(owner, templateOf(pod.json))
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
      json: sample,
      writes: [],
      conditions: pod.conditions.map(({ type, status, since, path }) => ({
        type: shareWord(type),
        status: shareWord(status),
        reason: '',
        message: '',
        since,
        path: share(path),
      })),
      containers: pod.containers.map((container) => shareContainer(container, sample)),
    }
  }
}

const NO_WORDS: Readonly<Record<string, string>> = {}

/** What pods of one template share of their JSON: the node is each one's own. */
function templateOf({ spec }: Json): Json {
  const { nodeName: _, ...shared } = recordAt(spec)
  return { spec: shared }
}
