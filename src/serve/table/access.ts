/** One captured object. It may come from a stranger's bundle: every field may be missing or of another type than Kubernetes writes. */
export type KubeObject = Readonly<Record<string, unknown>>

/** What lies at a path of keys, or undefined; null is absence, as for the API server. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as KubeObject)[key]
  }
  return found ?? undefined
}

/** Whether there is anything at a path, an empty string too. */
export function isSet(value: unknown, ...path: readonly string[]): boolean {
  return at(value, ...path) !== undefined
}

/** The string at a path, or an empty one. */
export function text(value: unknown, ...path: readonly string[]): string {
  return textOr('', value, ...path)
}

/** The string at a path, even an empty one, or what stands for an unset one. */
export function textOr(unset: string, value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : unset
}

/** The number at a path, or 0. */
export function number(value: unknown, ...path: readonly string[]): number {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : 0
}

/** Whether true lies at a path. */
export function flag(value: unknown, ...path: readonly string[]): boolean {
  return at(value, ...path) === true
}

/** The list at a path, or an empty one. */
export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The strings of the list at a path. */
export function texts(value: unknown, ...path: readonly string[]): readonly string[] {
  return list(value, ...path).filter((item) => typeof item === 'string')
}

/** The object at a path, or an empty one. */
export function record(value: unknown, ...path: readonly string[]): KubeObject {
  const found = at(value, ...path)
  return typeof found === 'object' && !Array.isArray(found) ? (found as KubeObject) : {}
}

/** How many entries the list or object at a path has. */
export function size(value: unknown, ...path: readonly string[]): number {
  const found = at(value, ...path)
  return typeof found === 'object' && found !== null ? Object.keys(found).length : 0
}

/** Whether an object is being deleted. */
export function isTerminating(object: KubeObject): boolean {
  return isSet(object, 'metadata', 'deletionTimestamp')
}

/** The first condition of a type, as most kinds carry them. */
export function condition(object: KubeObject, type: string): unknown {
  return list(object, 'status', 'conditions').find((one) => text(one, 'type') === type)
}

/** Whether the first condition of a type is True. */
export function isTrue(object: KubeObject, type: string): boolean {
  return text(condition(object, type), 'status') === 'True'
}
