import type { Observed, ObservedPod } from '../../collector.ts'
import { KEY } from './keys.ts'
import type { createStringReader } from './known-strings.ts'
import {
  afterArg,
  type Command,
  isControllerKey,
  isSecretNumber,
  NO_COMMAND,
  redactAnnotation,
  redactArg,
  redactAssignment,
  redactEnv,
  redactJudged,
  redactKeptConfig,
  redactSecretSource,
  redactSensitive,
} from './literal.ts'
import { observe, picksOf } from './observe.ts'
import type { Mark } from './pattern.ts'
import { MARKER } from './pseudonym.ts'
import { replaceInRaw } from './raw-string.ts'
import { AT, scanJson } from './scan.ts'
import { redactSecrets } from './tokens.ts'

/** What is scanned, and what may stay. */
export interface ObjectRules {
  /** `pods`, or of another group `deployments.apps`. */
  readonly resource: string
  /** Where the document begins: a list (or a change line), one object, or JSON inside an annotation. */
  readonly start: number
  readonly configData: boolean
  readonly dropNodeImages: boolean
  readonly onlyNames?: boolean
  /** Reads strings for one redactor: what stays depends on its settings. */
  readonly read: ReturnType<typeof createStringReader>
  readonly mark: Mark
  /** Counts what is dropped without a marker. */
  readonly dropped: (rule: 'schema' | 'images') => void
  readonly change?: ObservedPod['change']
}

/** kubectl's copy of what was applied: the object once more, as JSON in a string. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** ConfigMaps of the system, whose values are causes and no secrets (evidence: Corefile, proxy mode, CNI settings, node roles, autoscaler state). */
const SYSTEM_CONFIGMAPS = new Set([
  'coredns',
  'kube-proxy',
  'kube-proxy-config',
  'amazon-vpc-cni',
  'aws-auth',
  'extension-apiserver-authentication',
  'cluster-autoscaler-status',
  'kubeadm-config',
  'kubelet-config',
])

/** Who may enter: roles and groups stay, users (in YAML or JSON, by name or as the end of an ARN) are people. */
const AWS_AUTH = 'aws-auth'
const USER = /(username["']?\s{0,3}:\s{0,3}["']?(?!system:)|:user\/)([^\s"',}]+)/g

/** Every namespace has a copy of the cluster's public certificate. */
const ROOT_CERTIFICATE = 'kube-root-ca.crt'

/** Where a string is judged by its key. */
const NAMED: ReadonlySet<number> = new Set([
  AT.env,
  AT.annotations,
  AT.sensitive,
  AT.secretSource,
  AT.configData,
  AT.embeddedData,
])

/** Where a string is judged by nothing but itself and its key. */
const BY_NAME: ReadonlySet<number> = new Set([
  AT.plain,
  AT.labels,
  AT.annotations,
  AT.sensitive,
  AT.secretSource,
  AT.judged,
])

const NO_DROPS: ReadonlySet<number> = new Set()
const SCHEMA: ReadonlySet<number> = new Set([KEY.schema])
const IMAGES: ReadonlySet<number> = new Set([KEY.images])

/** Redacts one JSON document: every byte that is not replaced stays as it was. Throws SyntaxError on what is not JSON. */
export function redactObjects(body: Buffer, rules: ObjectRules): { body: Buffer; observed: Observed[] } {
  const { resource } = rules
  const splices: Splice[] = []
  const observed: Observed[] = []
  let picks = new Map<number, unknown>()
  const lastPicks = new Map<number, { start: number; end: number; value: unknown }>()
  let variable: string | undefined
  let command = NO_COMMAND
  let commandList = -1
  let commandEnd = 0
  const originals = new Map<string, string>()

  const mark: Mark = (rule, value) => {
    const marker = rules.mark(rule, value)
    originals.set(marker, value)
    return marker
  }

  /** `command` and `args` that follow one another are one command; `"],"` stands between them. */
  function commandBefore(keyStart: number): Command {
    return commandList === keyStart || keyStart - commandEnd <= 8 ? command : NO_COMMAND
  }

  /** The one name that a string is judged under; undefined where it is judged by more than that, and must be each time. */
  function nameAbove(at: number, key: string, before: Command): string | undefined {
    if (at === AT.env) return key === 'value' ? variable : key
    if (at === AT.args) return before.program === '' ? before.before : undefined
    return BY_NAME.has(at) ? key : undefined
  }

  function redactString(at: number, key: string, value: string, before: Command): string {
    switch (at) {
      case AT.env:
        return redactEnv(key === 'value' ? variable : key, value, mark)
      case AT.args:
        return redactArg(value, before, mark)
      case AT.annotations:
        return redactAnnotationOf(key, value)
      case AT.assignment:
        return redactAssignment(value, mark)
      case AT.sensitive:
        return redactSensitive(key, value, mark)
      case AT.secretSource:
        return redactSecretSource(key, value, mark)
      case AT.judged:
        return redactJudged(value, mark)
      case AT.secretData:
        return MARKER.test(value) ? value : mark('secret', value)
      case AT.configData:
        return redactConfig(key, value, keepsConfig())
      case AT.embeddedData:
        return redactConfig(key, value, rules.configData)
      case AT.withheld:
        return MARKER.test(value) ? value : mark('configmap', value)
      default:
        return redactSecrets(value, mark)
    }
  }

  function redactConfig(key: string, value: string, keeps: boolean): string {
    if (keeps) return redactKeptConfig(key, picks.get(KEY.name) === AWS_AUTH ? redactUsers(value) : value, mark)
    return MARKER.test(value) ? value : mark('configmap', value)
  }

  /** Names of people; those of the system say which role a node has. */
  function redactUsers(value: string): string {
    return value.replace(USER, (match: string, before: string, name: string) =>
      name.startsWith('<redacted:') ? match : before + mark('configmap', name),
    )
  }

  function keepsConfig(): boolean {
    if (rules.configData) return true
    const name = String(picks.get(KEY.name))
    return name === ROOT_CERTIFICATE || (picks.get(KEY.namespace) === 'kube-system' && SYSTEM_CONFIGMAPS.has(name))
  }

  function redactAnnotationOf(key: string, value: string): string {
    if (!/^\s*[{[]/.test(value)) return redactAnnotation(key, value, mark)
    const start = key === LAST_APPLIED ? AT.item : isControllerKey(key) ? AT.plain : AT.judged
    try {
      const inner = Buffer.from(value)
      const { body: redacted } = redactObjects(inner, { ...rules, mark, start })
      return redacted === inner ? value : redacted.toString('utf8')
    } catch {
      return mark('annotation', value)
    }
  }

  /** Neighbours in a list are replicas: where one says the same as the last, it is not parsed again. */
  function readPick(meaning: number, start: number, end: number): unknown {
    const last = lastPicks.get(meaning)
    if (last && last.end - last.start === end - start && body.compare(body, last.start, last.end, start, end) === 0)
      return last.value
    const value: unknown = JSON.parse(body.toString('utf8', start, end))
    lastPicks.set(meaning, { start, end, value })
    return value
  }

  function keyOf(start: number, end: number): string {
    const raw = rules.read(body, start, end).text
    return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
  }

  scanJson(
    body,
    {
      resource,
      start: rules.start,
      picks: picksOf(resource, rules.onlyNames),
      drops: dropsOf(rules),
    },
    {
      string(at, start, end, keyStart, keyEnd, escaped) {
        const known = rules.read(body, start, end)
        const raw = known.text
        const value = escaped ? (JSON.parse(`"${raw}"`) as string) : raw
        if (at === AT.envItem) {
          variable = value
          return
        }
        const key = NAMED.has(at) ? keyOf(keyStart, keyEnd) : ''
        const before = commandBefore(keyStart)
        if (at === AT.args) {
          command = afterArg(before, value)
          commandList = keyStart
          commandEnd = end
        }
        const under = nameAbove(at, key, before)
        if (known.at === at && known.under === under) return
        originals.clear()
        const redacted = redactString(at, key, value, before)
        if (redacted !== value) splices.push({ start, end, text: replaceInRaw(raw, value, redacted, originals) })
        else if (under !== undefined) Object.assign(known, { at, under })
      },
      number(start, end, keyStart, keyEnd) {
        const value = body.toString('latin1', start, end)
        if (isSecretNumber(keyOf(keyStart, keyEnd), value))
          splices.push({ start, end, text: `"${mark('key', value)}"` })
      },
      drop(start, end, meaning) {
        rules.dropped(meaning === KEY.schema ? 'schema' : 'images')
        splices.push({ start, end, text: '' })
      },
      pick(meaning, _at, start, end) {
        if (!picks.has(meaning)) picks.set(meaning, readPick(meaning, start, end))
      },
      beginVariable() {
        variable = undefined
      },
      beginItem() {
        picks = new Map()
      },
      endItem() {
        const one = observe(resource, picks, rules.change, rules.onlyNames)
        if (one) observed.push(one)
      },
    },
  )
  return { body: splices.length === 0 ? body : splice(body, splices), observed }
}

/** What stands in the place of some bytes. */
interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The copy inside of last-applied-configuration stays whole: only the object itself loses what is named. */
function dropsOf({ start, resource, dropNodeImages }: ObjectRules): ReadonlySet<number> {
  if (start !== AT.root) return NO_DROPS
  if (resource === 'customresourcedefinitions.apiextensions.k8s.io') return SCHEMA
  return dropNodeImages && resource === 'nodes' ? IMAGES : NO_DROPS
}

/** Thousands of places for each page: nothing is made for any of them. */
function splice(body: Buffer, splices: readonly Splice[]): Buffer {
  let length = body.length
  for (const { start, end, text } of splices) length += Buffer.byteLength(text) - (end - start)
  const spliced = Buffer.allocUnsafeSlow(length)
  let from = 0
  let to = 0
  for (const { start, end, text } of splices) {
    to += body.copy(spliced, to, from, start)
    to += spliced.write(text, to)
    from = end
  }
  body.copy(spliced, to, from)
  return spliced
}
