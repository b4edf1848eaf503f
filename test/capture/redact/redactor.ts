import { createRedactor, type RedactSettings } from '../../../src/capture/redact/redact.ts'
import type { Content } from '../../../src/collector.ts'

const KEY = Buffer.alloc(32, 7)

/** Redacts text as the stage does in a run; the key is the same in every test. */
export function redactText(text: string | Buffer, content: Content, settings: Partial<RedactSettings> = {}) {
  const redactor = createRedactor({ key: KEY, configData: false, dropNodeImages: false, ...settings })
  const { body, counts, observed } = redactor.redact(Buffer.from(text), content)
  return { text: body.toString('utf8'), counts, observed }
}

/** Redacts a list of objects of one resource (`pods`, `deployments.apps`); returns what became of them. */
export function redactList(name: string, items: readonly unknown[], settings: Partial<RedactSettings> = {}) {
  const list = JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items })
  const { text, counts, observed } = redactText(list, { type: 'list', ...groupOf(name) }, settings)
  // biome-ignore lint/suspicious/noExplicitAny: objects of any resource.
  return { items: JSON.parse(text).items as any[], text, counts, observed }
}

function groupOf(name: string) {
  const [resource = '', ...group] = name.split('.')
  return { resource, group: group.join('.') }
}

/** A pod with one container. */
export function podWith(container: Record<string, unknown>, metadata: Record<string, unknown> = {}) {
  return {
    metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', ...metadata },
    spec: { nodeName: 'n1', containers: [{ name: 'app', image: 'registry.example.com/web:v1', ...container }] },
    status: { phase: 'Running' },
  }
}

/** A marker as it is documented. */
export const MARKER = /^<redacted:[a-z-]+:[0-9a-f]{16}>$/
