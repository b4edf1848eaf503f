import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../src/bundle/format.ts'
import { accessQuestions } from '../../src/capture/access.ts'
import { createLogBudget } from '../../src/capture/log-budget.ts'
import { describeProvider } from '../../src/capture/provider.ts'
import { selectCollectors } from '../../src/capture/select.ts'
import { createSizeLimit } from '../../src/capture/size-limit.ts'
import type { Collector } from '../../src/collector.ts'

function collector(id: string, reads: Collector['reads'] = []): Collector {
  return { id, title: id, volatility: 2, scope: 'cluster', reads, async *collect() {} }
}

describe('the log budget', () => {
  it('gives suspects four times as much, and shrinks before it is used up', () => {
    const budget = createLogBudget(128 * 1024 * 1024)
    expect(budget.share(true)).toBe(1024 * 1024)
    expect(budget.share(false)).toBe(256 * 1024)
    budget.spend(120 * 1024 * 1024)
    expect(budget.share(true)).toBe(128 * 1024)
    budget.spend(8 * 1024 * 1024)
    expect(budget.share(true)).toBe(0)
  })

  it('is spent on a few logs where it is too small for a share of many', () => {
    const budget = createLogBudget(40 * 1024)
    expect(budget.share(true)).toBe(16 * 1024)
    budget.spend(16 * 1024)
    expect(budget.share(false)).toBe(16 * 1024)
    budget.spend(16 * 1024)
    expect(budget.share(true)).toBe(0)
  })
})

describe('--max-size', () => {
  /** A writer that compresses when it is flushed, to the size of what zlib makes of it. */
  function openWriter() {
    const held: Buffer[] = []
    const writer = {
      bytesWritten: 0,
      files: [],
      flushes: 0,
      async flush() {
        writer.flushes++
        for (const body of held.splice(0)) writer.bytesWritten += deflateRawSync(body).length
      },
    }
    return { writer, put: (body: Buffer) => async () => void held.push(body) }
  }

  it('asks nothing of the writer while even uncompressed bodies fit', async () => {
    const { writer, put } = openWriter()
    const limit = createSizeLimit(1e6, writer, { lines: [] })
    const body = randomBytes(100_000)
    expect(await limit.admit(body, put(body))).toBe(true)
    expect(writer.flushes).toBe(0)
  })

  it('takes what fits compressed, leaves out what does not, and takes what fits after that', async () => {
    const { writer, put } = openWriter()
    const limit = createSizeLimit(200_000, writer, { lines: [] })
    const admit = (body: Buffer) => limit.admit(body, put(body))
    expect(await admit(Buffer.alloc(5_000_000))).toBe(true)
    expect(await admit(randomBytes(150_000))).toBe(false)
    expect(limit.isFull()).toBe(false)
    const many = await Promise.all(Array.from({ length: 20 }, () => admit(randomBytes(10_000))))
    expect(many.filter(Boolean).length).toBeGreaterThan(8)
    await writer.flush()
    expect(writer.bytesWritten).toBeLessThan(200_000)
  })

  it('keeps room for the lines of the ledger, and is full when little is left', async () => {
    const { writer, put } = openWriter()
    const lines: LedgerLine[] = []
    const limit = createSizeLimit(200_000, writer, { lines })
    const body = randomBytes(50_000)
    lines.length = 1500
    expect(await limit.admit(body, put(body))).toBe(false)
    lines.length = 2000
    expect(limit.isFull()).toBe(true)
  })
})

describe('--only and --skip', () => {
  const all: Collector[] = [collector('pods'), collector('events'), { ...collector('logs'), scope: 'pod' }]
  const ids = (...words: Parameters<typeof selectCollectors>) =>
    selectCollectors(...words).selected.map((one) => one.id)

  it('select collectors, and logs bring the pods along', () => {
    expect(ids(all, undefined, [])).toEqual(['pods', 'events', 'logs'])
    expect(ids(all, ['events'], [])).toEqual(['events'])
    expect(ids(all, ['logs'], [])).toEqual(['pods', 'logs'])
    expect(ids([...all, { ...collector('kubelet'), scope: 'node' }], ['kubelet'], [])).toEqual(['pods', 'kubelet'])
    expect(ids(all, undefined, ['events'])).toEqual(['pods', 'logs'])
    expect(selectCollectors(all, ['events'], []).left.map((one) => one.reason)).toEqual([
      'left out by --only',
      'left out by --only',
    ])
  })

  it('leave out what needs a way into nodes that is not open, and refuse it where it is asked for', () => {
    const inside: Collector = { ...collector('conntrack'), scope: 'node', ways: ['exec', 'probe'] }
    expect(selectCollectors([...all, inside], undefined, []).left).toEqual([
      { collector: inside, reason: 'needs --allow-exec or --probe-pods' },
    ])
    expect(selectCollectors([...all, inside], undefined, [], ['probe']).left).toEqual([])
    expect(() => selectCollectors([...all, inside], ['conntrack'], [])).toThrow(
      '"conntrack" reads nodes from inside and needs --allow-exec or --probe-pods.',
    )
  })

  it('refuse to leave nothing to do', () => {
    expect(() => ids(all, ['pods'], ['pods'])).toThrow('--only and --skip leave no collector.')
    const recording: Collector = { ...collector('changes'), volatility: 0 }
    expect(() => ids([recording, ...all], ['changes'], [])).toThrow('"changes" records while other collectors work')
    expect(ids([recording, ...all], ['changes', 'pods'], [])).toEqual(['changes', 'pods'])
  })

  it('refuse an unknown collector by name', () => {
    expect(() => ids(all, ['evnets'], [])).toThrow('There is no collector "evnets"')
  })
})

describe('provider and region', () => {
  it.each([
    [
      { name: 'arn:aws:eks:eu-west-1:111122223333:cluster/shop', server: 'https://x', version: null },
      'eks',
      'eu-west-1',
    ],
    [{ name: 'shop', server: 'https://ABC.gr7.us-east-2.eks.amazonaws.com', version: null }, 'eks', 'us-east-2'],
    [{ name: 'shop', server: 'https://10.0.0.1:6443', version: 'v1.33.1-eks-1de2ab1' }, 'eks', null],
    [{ name: 'shop', server: 'https://10.0.0.1:6443', version: 'v1.34.4' }, null, null],
  ])('of %o', (cluster, provider, region) => expect(describeProvider(cluster)).toEqual({ provider, region }))
})

describe('access questions', () => {
  const served = (group: string, resource: string, namespaced = true) => ({
    group,
    version: 'v1',
    resource,
    kind: resource,
    namespaced,
    alsoServedAs: [],
  })
  const resources = [
    served('', 'pods'),
    served('', 'secrets'),
    served('', 'nodes', false),
    served('shop.example', 'orders'),
  ]
  const reads: Collector['reads'] = [
    { group: '', resources: ['pods', 'pods/log', 'nodes'], verbs: ['list'] },
    { group: 'metrics.k8s.io', resources: ['pods'], verbs: ['list'] },
    { everyListableResource: true },
    { nonResourceURLs: ['/metrics'] },
  ]

  it('follow the declarations and the discovery, once each, and never ask for Secrets', () => {
    expect(accessQuestions([collector('a', reads), collector('b', reads)], resources, undefined)).toEqual([
      { verb: 'list', group: '', resource: 'pods' },
      { verb: 'list', group: '', resource: 'pods', subresource: 'log' },
      { verb: 'list', group: '', resource: 'nodes' },
      { verb: 'list', group: 'shop.example', resource: 'orders' },
      { verb: 'get', path: '/metrics' },
    ])
  })

  it('are asked in the namespace that is read as well, once', () => {
    const elsewhere: Collector['reads'] = [{ group: '', resources: ['pods'], verbs: ['list'], alsoIn: 'z' }]
    const namespaces = (...asked: string[]) =>
      accessQuestions([collector('a', elsewhere)], resources, asked).map((one) => 'resource' in one && one.namespace)
    expect(namespaces('x')).toEqual(['x', 'z'])
    expect(namespaces('z')).toEqual(['z'])
    expect(accessQuestions([collector('a', elsewhere)], resources, undefined)).toHaveLength(1)
  })

  it('are asked in each namespace where the resource has one', () => {
    const asked = accessQuestions([collector('a', reads)], resources, ['x', 'y']).filter((one) => 'resource' in one)
    expect(asked.filter((one) => one.resource === 'nodes')).toHaveLength(1)
    expect(asked.filter((one) => one.resource === 'orders').map((one) => one.namespace)).toEqual(['x', 'y'])
  })
})
