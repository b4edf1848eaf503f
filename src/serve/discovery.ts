import { parseJson } from '../bundle/parse-json.ts'
import { absentPath } from './absence.ts'
import { type Answer, json } from './answer.ts'
import { makeDiscovery } from './make-discovery.ts'
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

async function answerFile({ bundle }: Replay, path: string): Promise<Answer> {
  const file = `cluster/discovery${path.replace(/\/$/, '')}.json`
  if (!bundle.files.has(file)) throw absentPath(bundle, path)
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
async function answerGroup({ bundle }: Replay, name: string): Promise<Answer> {
  const groups = list(parseJson((await bundle.read('cluster/discovery/apis.json')).toString('utf8')), 'groups')
  const group = groups.find((one) => text(one, 'name') === name)
  if (group === undefined) throw absentPath(bundle, `/apis/${name}`)
  return json({ kind: 'APIGroup', apiVersion: 'v1', ...(group as object) })
}
