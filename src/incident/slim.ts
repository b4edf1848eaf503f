import type { Json } from './kubernetes.ts'
import { isHealthy, type Pod } from './pod.ts'

/** Names that the API server or a controller makes up anew for each pod, in what else is the same template. */
const GENERATED = /"kube-api-access-[a-z0-9]{5}"/g

/**
 * Makes pods small where nothing is wrong with them: those with the same template share one spec, and a healthy one keeps only what every
 * rule may ask of it. Clusters have many pods and few sick ones; without this the model would not fit into memory.
 */
export function createSlimmer(): (pod: Pod) => Pod {
  const specs = new Map<string, Pod['json']>()
  const words = new Map<string, string>()

  function shareWord(word: string): string {
    const known = words.get(word)
    if (known !== undefined) return known
    words.set(word, word)
    return word
  }

  function shareStrings(strings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const shared: Record<string, string> = {}
    for (const key in strings) shared[key] = shareWord(strings[key] ?? '')
    return shared
  }

  function shareSpec(spec: Json): Json {
    const { nodeName: _, ...rest } = spec
    const text = JSON.stringify(rest).replace(GENERATED, '"kube-api-access"')
    const known = specs.get(text)
    if (known) return known
    specs.set(text, rest)
    return rest
  }

  return (pod) => {
    const spec = shareSpec((pod.json.spec ?? {}) as Json)
    if (!isHealthy(pod)) return { ...pod, json: { ...pod.json, spec: { ...spec, nodeName: pod.node } } }
    const specContainers = spec.containers as readonly Json[] | undefined
    return {
      ...pod,
      labels: shareStrings(pod.labels),
      annotations: {},
      node: shareWord(pod.node),
      json: { spec },
      writes: [],
      conditions: pod.conditions.map(({ type, status, since, path }) => ({
        type: shareWord(type),
        status: shareWord(status),
        reason: '',
        message: '',
        since,
        path,
      })),
      containers: pod.containers.map((container) => ({
        ...container,
        name: shareWord(container.name),
        image: shareWord(container.image),
        imageId: shareWord(container.imageId),
        spec: specContainers?.find((one) => one.name === container.name) ?? container.spec,
      })),
    }
  }
}
