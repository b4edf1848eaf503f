import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseLogQuery } from '../../src/serve/logs/query.ts'
import { parseGetQuery, parseListQuery, readQuery } from '../../src/serve/query.ts'
import { Refusal } from '../../src/serve/refusal.ts'
import { compileFieldSelector, readFields } from '../../src/serve/selectors/field-match.ts'
import { checkFieldTerms, type Resource, selectableFields } from '../../src/serve/selectors/selectable.ts'
import { type KubeClient, KubeError } from '../../src/sources/kube/client.ts'
import { connectKube } from '../../src/sources/kube/connect.ts'
import { KUBECONFIG } from './cluster/cluster.ts'
import { kubectl } from './cluster/kubectl.ts'

/** The sequence of questions; a failure shows it, and `SEED=… npm run test:e2e` asks them again. */
const SEED = Number(process.env.SEED ?? 34)

const NAMESPACE = 'selectors'
const CRD = 'gadgets.selectors.example.com'

interface KubeObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> }
}

/** A list to ask: what is listed, where, and what it held at which version. */
interface Listed extends Resource {
  readonly path: string
  readonly resourceVersion: string
  readonly crdFields: readonly string[]
  readonly objects: readonly KubeObject[]
}

/** What a question leads to: the names that are selected, or the refusal. */
type Outcome = readonly string[] | Refused
interface Refused {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly details: unknown
}

let client: KubeClient
let lists: ReadonlyMap<string, Listed>

beforeAll(async () => {
  client = await connectKube({ kubeconfig: KUBECONFIG, userAgent: 'freezeframe-test', env: {} })
  await removeAll()
  await createAll()
  lists = new Map((await listEverything()).map((list) => [`${list.group}/${list.resource}`, list]))
})
afterAll(async () => {
  await removeAll()
  await client.close()
})

describe(`what the real server selects and refuses (seed ${SEED})`, () => {
  it('is the same for label selectors', async () => {
    const random = createRandom(SEED)
    const list = listOf('/configmaps')
    const questions = range(1500).map(() => atVersion(list, 'labelSelector', randomLabelSelector(random)))
    const outcomes = await compareAll(list, questions)
    expect(outcomes.filter(isRefused).length).toBeGreaterThan(200)
    expect(new Set(outcomes.filter((one) => !isRefused(one)).map(String)).size).toBeGreaterThan(50)
  })

  it('is the same for field selectors', async () => {
    const random = createRandom(SEED + 1)
    const asked = [...lists.values()].filter((list) => SELECTED.includes(`${list.group}/${list.resource}`))
    expect(asked.length).toBe(SELECTED.length)
    const refusals: number[] = []
    for (const list of asked) {
      const values = selectableFields(list, list.crdFields).map((field) => ({
        path: field.path,
        values: [...new Set(list.objects.map((object) => field.read(object)))],
      }))
      const questions = range(60).map(() => atVersion(list, 'fieldSelector', randomFieldSelector(random, values)))
      refusals.push((await compareAll(list, questions)).filter(isRefused).length)
    }
    expect(Math.min(...refusals)).toBeGreaterThan(0)
    expect(Math.max(...refusals)).toBeLessThan(50)
  })

  it('is the same for every field of every resource', async () => {
    const paths = new Set(['name', 'spec', 'metadata.uid', 'metadata.labels', 'status.successful', ''])
    for (const list of lists.values()) for (const { path } of selectableFields(list, list.crdFields)) paths.add(path)
    for (const list of lists.values()) {
      const questions = [...paths].map((path) => `${atVersion(list, 'fieldSelector', `${path}!=none`)}&limit=1`)
      await compareAll(list, questions)
    }
    expect(lists.size * paths.size).toBeGreaterThan(1500)
  })

  it('is the same for parameters', async () => {
    const random = createRandom(SEED + 2)
    const list = listOf('/configmaps')
    const token = await takeToken(list)
    const questions = range(400).map(() => randomParameters(random, list.resourceVersion, token))
    const outcomes = await compareAll(list, questions)
    expect(new Set(outcomes.filter(isRefused).map((one) => one.code))).toEqual(new Set([400, 422, 500]))
    expect(outcomes.filter((one) => !isRefused(one)).length).toBeGreaterThan(80)
  })

  it('is the same for parameters of a get', async () => {
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/map-0`
    const questions = ['', 'resourceVersion=', 'resourceVersion=0', 'resourceVersion=-1', 'resourceVersion=x']
    for (const question of [...questions, 'export=1', 'export=false', 'export', 'pretty=x&limit=x']) {
      const ours = outcomeOf(() => [parseGetQuery(readQuery(question)) && 'map-0'])
      const { status, body } = await ask(`${path}?${question}`)
      const theirs = status === 200 ? [(JSON.parse(body) as KubeObject).metadata.name] : readRefusal(body)
      expect(ours, question).toEqual(theirs)
    }
  })

  it('is the same for parameters of a log', async () => {
    const random = createRandom(SEED + 3)
    const refused: number[] = []
    for (const question of range(120).map(() => randomLogParameters(random))) {
      const ours = outcomeOf(() => [parseLogQuery(readQuery(question), 'pod-0') && 'a log'])
      const { status, body } = await ask(`/api/v1/namespaces/${NAMESPACE}/pods/pod-0/log?${question}`)
      // No node has the pod, so its log is empty.
      const theirs = status === 204 ? ['a log'] : readRefusal(body)
      expect(withoutPiece(ours), question).toEqual(withoutPiece(theirs))
      if (isRefused(theirs)) refused.push(theirs.code)
    }
    expect(new Set(refused)).toEqual(new Set([400, 422]))
    expect(refused.length).toBeLessThan(110)
  })
})

/** Resources of which the test made objects with all kinds of fields. */
const SELECTED = [
  '/pods',
  '/services',
  '/secrets',
  '/events',
  'events.k8s.io/events',
  '/replicationcontrollers',
  '/namespaces',
  '/nodes',
  'apps/replicasets',
  'batch/jobs',
  'selectors.example.com/gadgets',
]

function listOf(key: string): Listed {
  const list = lists.get(key)
  if (!list) throw new Error(`${key} is not listed.`)
  return list
}

/** A question about the list as it was: controllers of the cluster go on writing events. */
function atVersion(list: Listed, name: string, selector: string): string {
  return `${name}=${encodeURIComponent(selector)}&resourceVersion=${list.resourceVersion}&resourceVersionMatch=Exact`
}

/** Asks the server and us each question, eight at a time, and expects the same outcome. */
async function compareAll(list: Listed, questions: readonly string[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const waiting = questions.entries()
  const work = async () => {
    for (const [index, question] of waiting) {
      const ours = outcomeOf(() => answer(list, question))
      const theirs = await outcomeOfServer(`${list.path}?${question}`, !isRefused(ours) && isWatch(question))
      expect(ours, `${list.path}?${question}`).toEqual(theirs)
      outcomes[index] = theirs
    }
  }
  await Promise.all(range(8).map(work))
  return outcomes
}

/** What the replay would answer: names, or how many where the question is cut. */
function answer(list: Listed, question: string): readonly string[] {
  const query = parseListQuery(readQuery(question))
  const fields = selectableFields(list, list.crdFields)
  checkFieldTerms(query.fields, fields, list)
  if (query.watch) return ['a watch']
  const matches = compileFieldSelector(query.fields, fields)
  const selected = list.objects.filter((object) => {
    const { name, namespace = '', labels = {} } = object.metadata
    return query.labels(labels) && matches(readFields(fields, object), name, namespace)
  })
  return namesOf(selected, question)
}

function namesOf(objects: readonly KubeObject[], question: string): readonly string[] {
  const query = parseListQuery(readQuery(question))
  if (query.continue !== '') return ['a rest']
  if (query.limit > 0) return [`${Math.min(objects.length, query.limit)} objects`]
  return objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()
}

function isWatch(question: string): boolean {
  return parseListQuery(readQuery(question)).watch
}

function outcomeOf(run: () => readonly string[]): Outcome {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, reason, message, details } = error
    return { code, reason, message, details }
  }
}

async function outcomeOfServer(path: string, isHeld: boolean): Promise<Outcome> {
  if (isHeld) return openWatch(path)
  const { status, body } = await ask(path)
  if (status !== 200) return readRefusal(body)
  return namesOf((JSON.parse(body) as { items: KubeObject[] }).items, path.slice(path.indexOf('?') + 1))
}

/** A watch that begins is closed again. */
async function openWatch(path: string): Promise<Outcome> {
  const controller = new AbortController()
  try {
    await client.stream(path, { signal: controller.signal, verb: 'watch' })
    return ['a watch']
  } catch (error) {
    if (error instanceof KubeError)
      return { code: error.status, reason: error.reason, message: error.message, details: 0 }
    throw error
  } finally {
    controller.abort()
  }
}

async function ask(path: string): Promise<{ status: number; body: string }> {
  const { status, body } = await client.get(path, {
    signal: AbortSignal.timeout(20_000),
    verb: 'list',
    anyStatus: true,
  })
  return { status, body: body.toString() }
}

function readRefusal(body: string): Refused {
  const { code, reason = '', message, details } = JSON.parse(body) as Refused
  return { code, reason, message, details }
}

function isRefused(outcome: Outcome): outcome is Refused {
  return 'code' in outcome
}

/** Go says which piece of a time it could not read. */
function withoutPiece(outcome: Outcome): Outcome {
  if (!isRefused(outcome)) return outcome
  return { ...outcome, message: outcome.message.replace(/^(parsing time "[^"]*").*/, '$1') }
}

// What is asked.

/** Numbers below a bound, the same for the same seed (Numerical Recipes, quick and dirty generators). */
type Random = (below: number) => number

function createRandom(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random(from.length)] as T
}

function range(length: number): number[] {
  return [...new Array(length).keys()]
}

const KEYS = ['app', 'tier', 'n', 'example.com/role', 'constructor', 'A.b_c-d', 'in', 'notin', 'missing']
const ODD_KEYS = ['', '-a', 'a-', 'a/b/c', '/a', 'a/', 'UP.com/a', 'a..b/c', 'é', 'k'.repeat(63), 'k'.repeat(64)]
const LONG_PREFIXES = [`${'p'.repeat(253)}/a`, `${'p'.repeat(254)}/a`, `${'é'.repeat(127)}/${'b'.repeat(64)}`]
const VALUES = ['web', 'db', 'in', 'notin', '', '1', '7', '007', '12', 'x.y_z', 'constructor']
const ODD_VALUES = ['-', '-1', '+1', 'a b', 'x.', 'é', '"', '\\', '\u0001', '\u00a0', 'v'.repeat(63), 'v'.repeat(64)]
const NUMBERS = ['0', '1', '7', '007', '12', '9223372036854775807', '9223372036854775808', '1.5', '00', 'x', '']
const SIGNS = [
  '=',
  '==',
  '!=',
  '!',
  '(',
  ')',
  ',',
  '<',
  '>',
  ' in ',
  ' notin ',
  ' ',
  '\t',
  '\n',
  '\r',
  '\0',
  '=!',
  '===',
]
const BLANKS = ['', '', '', ' ', '  ', '\t', '\n', '\r\n']

/** Mostly requirements as they should be; some with odd words; some no more than pieces in a row. */
function randomLabelSelector(random: Random): string {
  const style = random(10)
  if (style === 0)
    return range(1 + random(9))
      .map(() => pick(random, [...KEYS, ...SIGNS, ...SIGNS, ...ODD_VALUES]))
      .join('')
  const isOdd = style < 4
  const requirements = range(1 + random(4)).map(() => randomRequirement(random, isOdd && random(3) === 0))
  return requirements.join(`${pick(random, BLANKS)},${pick(random, BLANKS)}`) + (isOdd && random(6) === 0 ? ',' : '')
}

function randomRequirement(random: Random, isOdd: boolean): string {
  const blank = () => pick(random, BLANKS)
  const value = () => pick(random, isOdd ? [...VALUES, ...ODD_VALUES] : VALUES)
  const key = pick(random, isOdd ? [...KEYS, ...ODD_KEYS, ...LONG_PREFIXES] : KEYS)
  switch (random(6)) {
    case 0:
      return `${blank()}${key}${blank()}`
    case 1:
      return `!${blank()}${key}${blank()}`
    case 2:
      return `${key}${blank()}${pick(random, ['<', '>'])}${blank()}${pick(random, isOdd ? NUMBERS : NUMBERS.slice(0, 5))}`
    case 3:
      return `${key}${blank()}${pick(random, ['=', '==', '!='])}${blank()}${value()}${blank()}`
    default: {
      const values = range(random(5)).map(() => blank() + value() + blank())
      return `${key} ${pick(random, ['in', 'notin'])} (${values.join(isOdd && random(4) === 0 ? ',,' : ',')})`
    }
  }
}

interface Choice {
  readonly path: string
  readonly values: readonly string[]
}

/** Mostly fields of the resource with values that its objects have. */
function randomFieldSelector(random: Random, choices: readonly Choice[]): string {
  const terms = range(1 + random(3)).map(() => {
    const { path, values } = pick(random, choices)
    const value =
      random(3) === 0 ? pick(random, ['', 'none', 'true', '0', 'a,b', 'a=b', 'a\\b']) : pick(random, ['', ...values])
    const term = `${path}${pick(random, ['=', '==', '!=', '!='])}${value.replace(/[\\,=]/g, '\\$&')}`
    if (random(8) > 0) return term
    return pick(random, [
      '',
      '=',
      'a',
      `${term}=`,
      `${term}\\`,
      `${term}\\x`,
      ` ${term}`,
      `${path}!${value}`,
      'spec.x=1',
      `${path}==\\`,
    ])
  })
  return terms.join(random(12) === 0 ? ',,' : ',')
}

function randomParameters(random: Random, resourceVersion: string, token: string): string {
  const flags = ['', '=', '=0', '=1', '=true', '=false', '=FALSE', '=no', '=fal%C5%BFe', '=00', '=%zz', '=0;1']
  const integers = ['=', '=0', '=1', '=3', '=-1', '=+2', '=x', '=1.5', '=0x1', '=9223372036854775808', '=%', '=1_0']
  const versions = [
    '=',
    '=0',
    `=${resourceVersion}`,
    `=${resourceVersion}`,
    '=x',
    '=-1',
    '=+1',
    '=18446744073709551616',
  ]
  const choices: Readonly<Record<string, readonly string[]>> = {
    watch: flags,
    allowWatchBookmarks: flags,
    sendInitialEvents: flags,
    resourceVersion: versions,
    resourceVersionMatch: ['=', '=Exact', '=NotOlderThan', '=NotOlderThan', '=exact', '=Other'],
    limit: integers,
    timeoutSeconds: integers,
    continue: ['=', `=${token}`],
    pretty: ['=1', '=x', ''],
    labelSelector: ['=', '=app', '=app%3Dweb', '=!', '=%2C'],
    fieldSelector: ['=', '=metadata.name%3Dmap-3', '=a', '=metadata.namespace%21%3Dx'],
    unknown: ['=1'],
  }
  const names = Object.keys(choices).filter(() => random(4) === 0)
  const twice = names.filter(() => random(8) === 0)
  return [...names, ...twice].map((name) => name + pick(random, choices[name] ?? [''])).join('&')
}

function randomLogParameters(random: Random): string {
  const integers = ['=0', '=1', '=-1', '=x', '=', '=100']
  const times = ['=', '=null', '=2026-01-31T23:59:59Z', '=2026-01-31T23:59:59.5%2B02:00', '=2026-02-30T00:00:00Z', '=x']
  const choices: Readonly<Record<string, readonly string[]>> = {
    follow: ['', '=0'],
    previous: ['=x', '=false'],
    timestamps: ['=1'],
    sinceSeconds: integers,
    sinceTime: [
      ...times,
      '=2026-01-31T24:00:00Z',
      '=2026-01-31T3:59:59Z',
      '=2026-01-31%2023:59:59Z',
      '=2026-01-31T23:59:59,5Z',
    ],
    tailLines: integers,
    limitBytes: integers,
    stream: ['=All'],
  }
  const names = Object.keys(choices).filter((name) => random(name === 'stream' ? 10 : 5) === 0)
  return names.map((name) => name + pick(random, choices[name] ?? [''])).join('&')
}

/** A token that goes on after the first object of a list. */
async function takeToken({ path }: Listed): Promise<string> {
  const { metadata } = await read<{ metadata: { continue: string } }>(`${path}?limit=1`)
  return metadata.continue
}

// What is there to be selected.

async function createAll(): Promise<void> {
  await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', gadgetDefinition())
  await post('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  await kubectl(['wait', '--for=condition=Established', `crd/${CRD}`, '--timeout=30s'])
  await kubectl(['wait', '--for=create', 'serviceaccount/default', '-n', NAMESPACE, '--timeout=30s'])
  const core = `/api/v1/namespaces/${NAMESPACE}`
  await post(`${core}/serviceaccounts`, { metadata: { name: 'other' } })
  await Promise.all([
    ...range(40).map((index) =>
      post(`${core}/configmaps`, { metadata: { name: `map-${index}`, labels: labelsOf(index) } }),
    ),
    ...range(12).map((index) => post(`${core}/pods`, pod(index))),
    ...range(20).map((index) => post(`${core}/events`, event(index))),
    ...range(6).map((index) => post(`${core}/services`, service(index))),
    ...range(5).map((index) => post(`${core}/secrets`, secret(index))),
    ...range(3).map((index) => post(`${core}/replicationcontrollers`, controller(index))),
    ...range(6).map((index) => post(`/apis/selectors.example.com/v1/namespaces/${NAMESPACE}/gadgets`, gadget(index))),
    post(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, {
      metadata: { name: 'job' },
      spec: { suspend: true, template: template() },
    }),
  ])
  await kubectl(['wait', '--for=jsonpath={.status.replicas}=2', 'rc/controller-2', '-n', NAMESPACE, '--timeout=30s'])
}

async function removeAll(): Promise<void> {
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found'])
  await kubectl(['delete', 'crd', CRD, '--ignore-not-found'])
}

async function post(path: string, object: object): Promise<void> {
  await client.post(path, object, { signal: AbortSignal.timeout(20_000), verb: 'create' })
}

function labelsOf(index: number): Record<string, string> {
  return {
    ...(index % 2 ? { app: ['web', 'db', 'in', ''][index % 4] ?? '' } : {}),
    ...(index % 3 ? { tier: ['x.y_z', 'notin', 'constructor'][index % 3] ?? '' } : {}),
    ...(index % 4
      ? { n: ['0', '7', '007', '12', '-', '9223372036854775807', '9223372036854775808'].map(asLabel)[index % 7] ?? '' }
      : {}),
    ...(index % 5 ? {} : { 'example.com/role': 'web' }),
    ...(index % 6 ? {} : { constructor: '1', in: 'in' }),
    ...(index % 7 ? {} : { 'A.b_c-d': '', notin: 'db' }),
  }
}

function asLabel(text: string): string {
  return text === '-' ? 'x' : text
}

/** No node has what these pods ask for, so they stay as they are. */
function template(index = 0): object {
  const restartPolicy = ['Never', 'OnFailure'][index % 2]
  return { metadata: { labels: { app: 'none' } }, spec: { restartPolicy, ...nowhere() } }
}

function nowhere(): object {
  return { nodeSelector: { nobody: 'has-this' }, containers: [{ name: 'app', image: 'none' }] }
}

function pod(index: number): object {
  return {
    metadata: { name: `pod-${index}`, labels: labelsOf(index) },
    spec: {
      ...nowhere(),
      restartPolicy: ['Always', 'Never', 'OnFailure'][index % 3],
      ...(index % 2 ? { schedulerName: 'a,b=c\\d' } : {}),
      ...(index % 4 ? {} : { hostNetwork: true }),
      ...(index % 5 ? {} : { serviceAccountName: 'other' }),
    },
  }
}

function event(index: number): object {
  const involvedObject = {
    namespace: NAMESPACE,
    name: `pod-${index % 3}`,
    ...(index % 2 ? { kind: 'Pod', apiVersion: 'v1', uid: `uid-${index % 4}` } : { kind: 'ConfigMap' }),
    ...(index % 3 ? {} : { fieldPath: 'spec.containers{app}', resourceVersion: '12' }),
  }
  return {
    metadata: { name: `event-${index}` },
    involvedObject,
    type: ['Normal', 'Warning'][index % 2],
    reason: ['BackOff', 'Killing', 'a=b,c\\d', ''][index % 4],
    ...(index % 3 ? { source: { component: 'kubelet' } } : {}),
    ...(index % 2 ? { reportingComponent: 'example.com/reporter', reportingInstance: 'one', action: 'Doing' } : {}),
  }
}

function service(index: number): object {
  const type = ['ClusterIP', 'NodePort', 'ExternalName'][index % 3]
  const ports = [{ port: 80 }]
  return {
    metadata: { name: `service-${index}` },
    spec:
      type === 'ExternalName'
        ? { type, externalName: 'example.com' }
        : { type, ports, ...(index === 3 ? { clusterIP: 'None' } : {}) },
  }
}

function secret(index: number): object {
  return { metadata: { name: `secret-${index}` }, type: ['Opaque', 'example.com/kind'][index % 2] }
}

function controller(index: number): object {
  const selector = { app: `controller-${index}` }
  return {
    metadata: { name: `controller-${index}` },
    spec: { replicas: index, selector, template: { metadata: { labels: selector }, spec: nowhere() } },
  }
}

function gadget(index: number): object {
  const spec = {
    ...(index % 2 ? { color: ['red', 'blue'][index % 4 === 1 ? 0 : 1] } : {}),
    ...(index % 3 ? { size: index - 2, on: index % 2 === 0 } : {}),
  }
  return { apiVersion: 'selectors.example.com/v1', kind: 'Gadget', metadata: { name: `gadget-${index}` }, spec }
}

function gadgetDefinition(): object {
  const properties = { color: { type: 'string' }, size: { type: 'integer' }, on: { type: 'boolean' } }
  const schema = { type: 'object', properties: { spec: { type: 'object', properties } } }
  const other = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const selectable = ['.spec.color', '.spec.size', '.spec.on'].map((jsonPath) => ({ jsonPath }))
  return {
    metadata: { name: CRD },
    spec: {
      group: 'selectors.example.com',
      names: { kind: 'Gadget', plural: 'gadgets' },
      scope: 'Namespaced',
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, selectableFields: selectable },
        { name: 'v1beta1', served: true, storage: false, schema: { openAPIV3Schema: other } },
      ],
    },
  }
}

/**
 * Every resource that can be listed, with what the test's namespace, or the cluster, holds of it; of the custom ones only the test's own,
 * because others come and go with other tests.
 */
async function listEverything(): Promise<readonly Listed[]> {
  const { items: crds } = await readList<Definition>('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')
  const { groups } = await read<{ groups: { preferredVersion: { groupVersion: string } }[] }>('/apis')
  const roots = ['/api/v1', ...groups.map((one) => `/apis/${one.preferredVersion.groupVersion}`)]
  const found = await Promise.all(roots.map((root) => listRoot(root, crds)))
  return found.flat()
}

interface Definition extends KubeObject {
  readonly spec: { readonly versions: readonly { name: string; selectableFields?: readonly { jsonPath: string }[] }[] }
}

async function listRoot(root: string, crds: readonly Definition[]): Promise<readonly Listed[]> {
  const [group = '', version = ''] = root === '/api/v1' ? ['', 'v1'] : root.split('/').slice(2)
  const { resources } = await read<{ resources: { name: string; verbs: string[]; namespaced: boolean }[] }>(root)
  const definitionOf = (name: string) => crds.find(({ metadata }) => metadata.name === `${name}.${group}`)
  const listable = resources.filter(({ name, verbs }) => {
    // Component statuses are made up on the spot and know neither fields nor pages (pkg/registry/core/componentstatus).
    if (!verbs.includes('list') || name === 'componentstatuses') return false
    return [undefined, CRD].includes(definitionOf(name)?.metadata.name)
  })
  return Promise.all(
    listable.map(async ({ name, namespaced }) => {
      const path = namespaced ? `${root}/namespaces/${NAMESPACE}/${name}` : `${root}/${name}`
      const selectable = definitionOf(name)?.spec.versions.find((one) => one.name === version)?.selectableFields ?? []
      const crdFields = selectable.map(({ jsonPath }) => jsonPath)
      const { metadata, items } = await readList<KubeObject>(path)
      const { resourceVersion } = metadata
      return { group, version, resource: name, namespaced, path, crdFields, resourceVersion, objects: items }
    }),
  )
}

function readList<T extends KubeObject>(path: string): Promise<{ metadata: { resourceVersion: string }; items: T[] }> {
  return read(path)
}

async function read<T>(path: string): Promise<T> {
  const { status, body } = await ask(path)
  if (status !== 200) throw new Error(`${path} answered ${body}`)
  return JSON.parse(body) as T
}
