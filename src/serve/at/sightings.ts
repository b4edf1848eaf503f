import type { CapturedResource } from '../captured.ts'
import type { Mention } from './mentions.ts'

/** An object that others name, from the first time that one did to the last: it has one uid and lives once, so it was there in between. */
export interface Sighting {
  readonly resource: CapturedResource
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly first: Mention
  readonly last: Mention
}

/** Collects mentions of objects whose resource was captured. */
export function createSightings(resources: readonly CapturedResource[]): {
  add(mention: Mention): void
  all(): readonly Sighting[]
} {
  const kinds = new Map(resources.map((resource) => [`${resource.kind}.${resource.group}`, resource]))
  const found = new Map<string, Sighting>()
  return {
    add(mention) {
      const resource = kinds.get(`${mention.kind}.${groupOf(mention.apiVersion)}`)
      if (!resource) return
      const { name, uid } = mention
      const namespace = resource.namespaced ? mention.namespace : ''
      const known = found.get(uid) ?? { resource, namespace, name, uid, first: mention, last: mention }
      const first = mention.at < known.first.at ? mention : known.first
      const last = mention.at > known.last.at ? mention : known.last
      found.set(uid, { ...known, first, last })
    },
    all: () => [...found.values()],
  }
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}
