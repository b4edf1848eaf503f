import { isUtf8 } from 'node:buffer'
import type { Content, Observed, ObservedPod } from '../../collector.ts'
import { redactClients } from './addresses.ts'
import { createStringReader } from './known-strings.ts'
import { redactObjects } from './objects.ts'
import { createPseudonyms, type RedactionRule } from './pseudonym.ts'
import { AT, scanJson } from './scan.ts'
import { redactSecrets, redactTokens } from './tokens.ts'

/** What comes out of the redaction stage: bytes in, bytes out, before anything reaches a disk or a bucket. */
export interface Redacted {
  readonly body: Buffer
  /** Replacements by rule. */
  readonly counts: Readonly<Record<string, number>>
  /** Pods, nodes and events of a list page or change segment, reduced to what planning needs. */
  readonly observed: readonly Observed[]
  /** Frees the memory of `body`, for whoever is done with it: a page is megabytes, and the collector of garbage would see them much later. */
  release?(): void
}

/** What the stage is told once. */
export interface RedactSettings {
  /** 32 bytes; random per run or from `--redaction-key`. */
  readonly key: Buffer
  /** Keep the values of ConfigMaps (`--config-data`). */
  readonly configData: boolean
  /** Drop `status.images` of nodes. */
  readonly dropNodeImages: boolean
  /** Observe which pods there are, and nothing of how anything is: no logs are chosen by it. */
  readonly onlyNames?: boolean
}

/** The stage as the run sees it; rejects with REDACTION_FAILED, and then the body must be withheld. */
export type Redact = (body: Buffer, content: Content) => Promise<Redacted>

/** Creates the redaction of one run. Throws on a body that cannot be read as what it is said to be: it is withheld then. */
export function createRedactor(settings: RedactSettings): {
  keyId: string
  redact(body: Buffer, content: Content): Redacted
} {
  const pseudonyms = createPseudonyms(settings.key)
  const read = createStringReader()
  return {
    keyId: pseudonyms.keyId,
    redact(body, content) {
      const counts: Record<string, number> = {}
      const count = (rule: RedactionRule) => {
        counts[rule] = (counts[rule] ?? 0) + 1
      }
      const mark = (rule: RedactionRule, value: string | Buffer) => {
        count(rule)
        return pseudonyms.mark(rule, value)
      }
      const rules = { ...settings, read, mark, dropped: count }
      if (content.type === 'list')
        return { ...redactObjects(body, { ...rules, resource: qualifiedName(content), start: AT.root }), counts }
      if (content.type === 'copy') {
        const copy = redactObjects(body, { ...rules, resource: qualifiedName(content), start: AT.root })
        return { ...copy, observed: [], counts }
      }
      if (content.type === 'changes')
        return { ...redactChanges(body, { ...rules, resource: qualifiedName(content) }), counts }
      if (content.type === 'json') checkJson(body)
      const redactString = REDACT_TEXT[content.type] ?? redactTokens
      return { body: redactText(body, redactString, mark), counts, observed: [] }
    },
  }
}

/** How text is redacted that is not only the words of programs. */
const REDACT_TEXT: Partial<Record<Content['type'], typeof redactSecrets>> = {
  log: redactSecrets,
  connections: redactClients,
}

/** As kubectl writes it: nodes of the core group are `nodes`, those of metrics.k8s.io `nodes.metrics.k8s.io`. */
function qualifiedName({ group, resource }: { group: string; resource: string }): string {
  return group === '' ? resource : `${resource}.${group}`
}

const NOTHING: ReadonlySet<number> = new Set()
const IGNORE = () => {}

/** Throws where a body that is said to be JSON is none: a proxy's page, an answer that was cut off. */
function checkJson(body: Buffer): void {
  const visitor = {
    string: IGNORE,
    number: IGNORE,
    drop: IGNORE,
    pick: IGNORE,
    beginItem: IGNORE,
    endItem: IGNORE,
    beginVariable: IGNORE,
  }
  scanJson(body, { resource: '', start: AT.plain, picks: NOTHING, drops: NOTHING }, visitor)
}

type ChangeRules = Omit<Parameters<typeof redactObjects>[1], 'start' | 'change'>

/** Change lines, one by one; the line's own type goes with what planning sees of its object. */
function redactChanges(body: Buffer, rules: ChangeRules): { body: Buffer; observed: Observed[] } {
  const lines: Buffer[] = []
  const observed: Observed[] = []
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf(10, start)
    const end = newline < 0 ? body.length : newline + 1
    const change = changeOf(body.toString('latin1', start, start + 80))
    const line = redactObjects(body.subarray(start, end), {
      ...rules,
      start: AT.root,
      ...(change === undefined ? {} : { change }),
    })
    lines.push(line.body)
    observed.push(...line.observed)
    start = end
  }
  return { body: Buffer.concat(lines), observed }
}

function changeOf(head: string): ObservedPod['change'] {
  const type = /"type":"(ADDED|MODIFIED|DELETED)"/.exec(head)?.[1]
  return type as ObservedPod['change']
}

/** Text of any encoding: latin1 maps every byte to one character and back, so what is not replaced stays exact where it is no UTF-8, too. */
function redactText(
  body: Buffer,
  redactString: typeof redactSecrets,
  mark: (rule: RedactionRule, value: Buffer) => string,
): Buffer {
  const encoding = isUtf8(body) ? 'utf8' : 'latin1'
  const text = body.toString(encoding)
  const redacted = redactString(text, (rule, value) => mark(rule, Buffer.from(value, encoding)))
  return redacted === text ? body : Buffer.from(redacted, encoding)
}
