/** What a path under `/api` or `/apis` names. */
export interface Target {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  /** `log`, `status`, `proxy/…`. */
  readonly subresource: string | undefined
}

/**
 * Reads the path of a resource or an object: `/api/v1/namespaces/shop/pods/web-1/log`. Undefined for every other path.
 * `namespaces/NAME` is the object, and `namespaces/NAME/status` a part of it (apiserver, pkg/endpoints/request/requestinfo.go).
 */
export function parseTarget(path: string): Target | undefined {
  const parts = decodeParts(path)
  if (!parts) return undefined
  const [root, ...rest] = parts
  if (root !== 'api' && root !== 'apis') return undefined
  const group = root === 'api' ? '' : rest.shift()
  const [version, ...named] = rest
  if (group === undefined || version === undefined || named.length === 0) return undefined
  // `/api/v1/watch/pods` is how Kubernetes 1.0 watched: no resource, and no client asks for it any more.
  if (named[0] === 'watch') return undefined
  return { group, version, ...parseNamed(named) }
}

function parseNamed(parts: readonly string[]): Omit<Target, 'group' | 'version'> {
  const [first = '', second, third, ...rest] = parts
  const isOfNamespace = third !== undefined && NAMESPACE_PARTS.includes(third)
  if (first !== 'namespaces' || third === undefined || isOfNamespace) {
    const subresource = [third, ...rest].filter((part) => part !== undefined).join('/') || undefined
    return { resource: first, namespace: undefined, name: second, subresource }
  }
  const [name, ...sub] = rest
  return { resource: third, namespace: second, name, subresource: sub.join('/') || undefined }
}

const NAMESPACE_PARTS = ['status', 'finalize']

/** Undefined for what is no path of names. */
function decodeParts(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
  } catch {
    return undefined
  }
}
