import { groupVersion } from '../bundle/format.ts'
import { absent, linesOfPath } from './absence.ts'
import { type Answer, json } from './answer.ts'
import type { CapturedResource } from './captured.ts'
import type { Replay } from './replay.ts'
import { list, text } from './table/access.ts'

/** Versions of the aggregated form (KEP-3352); both have the same members, and servers from 1.30 on answer v2. */
const AGGREGATED = ['v2', 'v2beta1'] as const

/** Answers `/api`, `/apis` and what lies one and two parts below, as captured; undefined for any other path. */
export async function answerDiscovery(replay: Replay, path: string, accept: string): Promise<Answer | undefined> {
  const [root, group, version, ...more] = path.split('/').filter(Boolean)
  if ((root !== 'api' && root !== 'apis') || more.length > 0 || (root === 'api' && version !== undefined))
    return undefined
  if (!hasDiscovery(replay)) return makeDiscovery(replay, path)
  if (group === undefined) return (await answerAggregated(replay, root, accept)) ?? answerFile(replay, path)
  if (root === 'apis' && version === undefined) return answerGroup(replay, group)
  return answerFile(replay, path)
}

function hasDiscovery({ bundle }: Replay): boolean {
  return bundle.files.has('cluster/discovery/api.json') && bundle.files.has('cluster/discovery/apis.json')
}

async function answerFile({ bundle, manifest }: Replay, path: string): Promise<Answer> {
  const file = `cluster/discovery${path.replace(/\/$/, '')}.json`
  if (!bundle.files.has(file)) throw absent(bundle, path, linesOfPath(manifest, path))
  return json(await bundle.read(file))
}

/** The aggregated form where the client takes it and it was captured: all of discovery in two answers. */
async function answerAggregated({ bundle }: Replay, root: string, accept: string): Promise<Answer | undefined> {
  const file = `cluster/discovery/${root}.aggregated.json`
  const version = AGGREGATED.find((one) => accepts(accept, one))
  if (version === undefined || !bundle.files.has(file)) return undefined
  const body = await bundle.read(file)
  const captured = /"apiVersion":\s*"apidiscovery\.k8s\.io\/(v2(?:beta1)?)"/.exec(body.toString('latin1', 0, 200))?.[1]
  const renamed = captured === version ? body : rename(body, captured ?? '', version)
  const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
  return { status: 200, headers: { 'content-type': type }, body: renamed }
}

function accepts(accept: string, version: string): boolean {
  return accept
    .split(',')
    .some((clause) => clause.includes('as=APIGroupDiscoveryList') && clause.split(';').includes(`v=${version}`))
}

function rename(body: Buffer, from: string, to: string): string {
  return body.toString('utf8').replace(`apidiscovery.k8s.io/${from}"`, `apidiscovery.k8s.io/${to}"`)
}

/** `/apis/apps`: the group's entry in `/apis`, which says the same. */
async function answerGroup({ bundle, manifest }: Replay, name: string): Promise<Answer> {
  const groups = list(parse(await bundle.read('cluster/discovery/apis.json')), 'groups')
  const group = groups.find((one) => text(one, 'name') === name)
  if (group === undefined) throw absent(bundle, `/apis/${name}`, linesOfPath(manifest, `/apis/${name}`))
  return json({ kind: 'APIGroup', apiVersion: 'v1', ...(group as object) })
}

/** A document that is no JSON names no group. */
function parse(document: Buffer): unknown {
  try {
    return JSON.parse(document.toString('utf8'))
  } catch {
    return undefined
  }
}

/** A capture that ended before discovery was written still knows what it listed: that much is named, and nothing else. */
async function makeDiscovery(replay: Replay, path: string): Promise<Answer> {
  const [root, group, version] = path.split('/').filter(Boolean)
  const { resources } = replay
  if (root === 'api' && group === undefined)
    return json({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] })
  if (root === 'apis' && group === undefined) {
    const names = [...new Set(resources.map((one) => one.group).filter((name) => name !== ''))].sort()
    return json({ kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => makeGroup(name, resources)) })
  }
  if (root === 'apis' && version === undefined)
    return json({ kind: 'APIGroup', apiVersion: 'v1', ...makeGroup(group ?? '', resources) })
  const wanted = root === 'api' ? { group: '', version: group ?? '' } : { group: group ?? '', version: version ?? '' }
  const served = resources.filter((one) => one.group === wanted.group && one.version === wanted.version)
  return json({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion(wanted),
    resources: await Promise.all(served.map((one) => makeResource(replay, one))),
  })
}

function makeGroup(name: string, resources: readonly CapturedResource[]): object {
  const versions = [...new Set(resources.filter((one) => one.group === name).map((one) => one.version))]
  const named = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: named, preferredVersion: named[0] }
}

async function makeResource(replay: Replay, one: CapturedResource): Promise<object> {
  const kind = one.kind || (await replay.list(one)).head.kind.replace(/List$/, '')
  const { resource: name, namespaced } = one
  return { name, singularName: kind.toLowerCase(), namespaced, kind, verbs: ['get', 'list', 'watch'] }
}
