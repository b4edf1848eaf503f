import { cite, type FieldCitation } from './citation.ts'
import { valueAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { shorten } from './telling.ts'

/** A field of a pod template that differs between two generations. */
export interface TemplateDifference {
  /** What it is about: `image`, `limits`, `env`, `probe`, `command`, `volume`, `security`, `scheduling`, `other`. */
  readonly what: 'image' | 'limits' | 'env' | 'probe' | 'command' | 'volume' | 'security' | 'scheduling' | 'other'
  /** `image of app from web:1 to web:2`. */
  readonly says: string
  readonly citation: FieldCitation
}

/** Lists of a pod spec whose elements are told apart by their name. */
const NAMED = new Set(['containers', 'initContainers', 'env', 'volumes', 'volumeMounts', 'ports'])

/** What the API server or a controller adds, and what restarts set without changing anything. */
const NOISE =
  /^(pod-template-hash|rollouts-pod-template-hash|kubectl\.kubernetes\.io\/restartedAt|kube-api-access-\w+)$/

/** Differences that are told at most; a rewritten template is told by the first of them. */
const MOST = 12

/**
 * What differs between the pod templates of two ReplicaSets, in the order of the newer one's fields. Redacted values are pseudonyms: equal
 * pseudonyms are equal values.
 */
export function diffTemplates(older: KubeObject, newer: KubeObject): readonly TemplateDifference[] {
  return diffAt(older, newer, ['spec', 'template'])
}

/** What differs between the pod templates that two ControllerRevisions hold. */
export function diffRevisions(older: KubeObject, newer: KubeObject): readonly TemplateDifference[] {
  return diffAt(older, newer, ['data', 'spec', 'template'])
}

/** What differs between the containers of two pods: of kinds whose templates of before are not kept as objects. */
export function diffPods(older: KubeObject, newer: KubeObject): readonly TemplateDifference[] {
  return ['initContainers', 'containers'].flatMap((group) => diffAt(older, newer, ['spec', group]))
}

function diffAt(older: KubeObject, newer: KubeObject, root: readonly string[]): readonly TemplateDifference[] {
  const found: TemplateDifference[] = []

  function compare(
    before: unknown,
    after: unknown,
    path: readonly (string | number)[],
    names: readonly string[],
  ): void {
    if (found.length >= MOST || JSON.stringify(before) === JSON.stringify(after)) return
    const key = path.at(-1)
    if (Array.isArray(after) && Array.isArray(before) && typeof key === 'string' && NAMED.has(key)) {
      compareNamed(before, after, path, names)
    } else if (isRecord(before) && isRecord(after)) {
      for (const field of new Set([...Object.keys(after), ...Object.keys(before)])) {
        if (!NOISE.test(field)) compare(before[field], after[field], [...path, field], [...names, field])
      }
    } else {
      found.push(tell(before, after, path, names, newer, root))
    }
  }

  function compareNamed(
    before: readonly unknown[],
    after: readonly unknown[],
    path: readonly (string | number)[],
    names: readonly string[],
  ): void {
    for (const [index, element] of after.entries()) {
      const name = nameOf(element)
      if (NOISE.test(name)) continue
      compare(
        before.find((one) => nameOf(one) === name),
        element,
        [...path, index],
        [...names, name],
      )
    }
    for (const element of before) {
      const name = nameOf(element)
      if (!NOISE.test(name) && !after.some((one) => nameOf(one) === name))
        compare(element, undefined, path, [...names, name])
    }
  }

  compare(valueAt(older.json, ...root), valueAt(newer.json, ...root), root, [])
  return found
}

function tell(
  before: unknown,
  after: unknown,
  path: readonly (string | number)[],
  names: readonly string[],
  newer: KubeObject,
  root: readonly string[],
): TemplateDifference {
  const what = classify(names)
  const field = names.filter((name) => !/^(spec|metadata|containers|resources)$/.test(name)).join(' ')
  const change =
    before === undefined
      ? `${field} was added (${show(after)})`
      : after === undefined
        ? `${field} was removed (${show(before)})`
        : `${field} from ${show(before)} to ${show(after)}`
  return { what, says: change, citation: cite(newer, after === undefined ? root : path) }
}

function classify(names: readonly string[]): TemplateDifference['what'] {
  const has = (...fields: readonly string[]) => names.some((name) => fields.includes(name))
  if (has('image')) return 'image'
  if (has('resources')) return 'limits'
  if (has('env', 'envFrom')) return 'env'
  if (has('livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle')) return 'probe'
  if (has('command', 'args', 'workingDir')) return 'command'
  if (has('volumes', 'volumeMounts')) return 'volume'
  if (has('securityContext', 'serviceAccountName', 'serviceAccount')) return 'security'
  if (has('nodeSelector', 'affinity', 'tolerations', 'topologySpreadConstraints', 'priorityClassName', 'nodeName'))
    return 'scheduling'
  return 'other'
}

function show(value: unknown): string {
  return shorten(typeof value === 'string' ? value : JSON.stringify(value), 60)
}

function nameOf(element: unknown): string {
  const found = valueAt(element, 'name') ?? valueAt(element, 'containerPort') ?? valueAt(element, 'mountPath')
  return found === undefined ? JSON.stringify(element) : String(found)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
