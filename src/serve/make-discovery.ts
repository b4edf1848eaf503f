import { groupVersion, type ServedResource } from '../bundle/format.ts'
import { absentPath } from './absence.ts'
import { type Answer, json } from './answer.ts'
import type { Replay } from './replay.ts'
import { otherNames } from './short-names.ts'

/**
 * Discovery of a bundle that holds none: what the capture saw served, whether or not it listed it, so that a client asks for it and is told
 * why it is not there; of a capture that was cut off, what it listed.
 */
export async function makeDiscovery(replay: Replay, path: string): Promise<Answer> {
  const [root, group, version] = path.split('/').filter(Boolean)
  const served = listServed(replay)
  if (root === 'api' && group === undefined)
    return json({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] })
  if (root === 'apis' && group === undefined) {
    const names = [...new Set(served.map((one) => one.group).filter((name) => name !== ''))].sort()
    return json({ kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => makeGroup(name, served)) })
  }
  if (root === 'apis' && version === undefined) {
    if (!served.some((one) => one.group === group)) throw absentPath(replay.bundle, path)
    return json({ kind: 'APIGroup', apiVersion: 'v1', ...makeGroup(group ?? '', served) })
  }
  const wanted = groupVersion(
    root === 'api' ? { group: '', version: group ?? '' } : { group: group ?? '', version: version ?? '' },
  )
  const listed = served.filter((one) => groupVersion(one) === wanted)
  if (listed.length === 0 && wanted !== 'v1') throw absentPath(replay.bundle, path)
  const resources = await Promise.all(listed.map((one) => makeResource(replay, one)))
  return json({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: wanted, resources })
}

/** Each resource in each of its versions once; those that a client should take first are first. */
function listServed({ resources, manifest }: Replay): readonly ServedResource[] {
  const known = [...manifest.resources, ...resources]
  const others = known.flatMap((one) => one.alsoServedAs.map((other) => ({ ...one, ...readGroupVersion(other) })))
  const byName = new Map<string, ServedResource>()
  for (const one of [...known, ...others]) {
    const name = `${groupVersion(one)}/${one.resource}`
    if (!byName.has(name)) byName.set(name, one)
  }
  return [...byName.values()]
}

function readGroupVersion(text: string): { group: string; version: string } {
  const [version = '', group = ''] = text.split('/').reverse()
  return { group, version }
}

function makeGroup(name: string, served: readonly ServedResource[]): object {
  const versions = [...new Set(served.filter((one) => one.group === name).map((one) => one.version))]
  const named = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: named, preferredVersion: named[0] }
}

async function makeResource(replay: Replay, one: ServedResource): Promise<object> {
  const kind = one.kind || (await readKind(replay, one))
  const { resource: name, namespaced } = one
  const verbs = ['get', 'list', 'watch']
  return { name, singularName: kind.toLowerCase(), namespaced, kind, verbs, ...otherNames(one) }
}

/** Of what only its pages name. */
async function readKind({ resources, list }: Replay, { group, resource }: ServedResource): Promise<string> {
  const captured = resources.find((one) => one.group === group && one.resource === resource)
  return captured ? (await list(captured)).head.kind.replace(/List$/, '') : ''
}
