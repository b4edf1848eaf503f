import { describe, expect, it } from 'vitest'
import { HEAD } from '../../bundle/sample.ts'
import { describeLine, page, type Sketch, segment, serve } from '../shop.ts'

const PODS = '/api/v1/namespaces/till/pods'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const AT = 'freezeframe.internal/at'
const STUB = 'freezeframe.internal/stub'

const LIST = 'cluster/core/v1/pods/_all/0001.json'
const CHANGES = 'changes/pods/000001.jsonl'
const EVENTS = 'cluster/core/v1/events/_all/0001.json'

/** The lists are of 23:59:01 by the capture's clock, and the server's is 120 ms ahead. */
const SHOP = {
  [LIST]: page(100, [
    {
      name: 'web',
      version: 90,
      ...writtenBy(['kubelet', 'status', '2026-01-31T23:58:45Z'], ['kubectl', '', '2026-01-31T23:00:00Z']),
    },
    { name: 'db', version: 40, ...writtenBy(['kubelet', 'status', '2026-01-31T23:10:00Z']) },
    { name: 'young', version: 95, created: '2026-01-31T23:58:40Z' },
  ]),
  [CHANGES]: segment(
    [0.5, 'DELETED', { name: 'brief', version: 99 }],
    [5, 'MODIFIED', { name: 'web', version: 110 }],
    [6, 'ADDED', { name: 'job', version: 120, created: '2026-01-31T23:59:06Z' }],
    [8, 'DELETED', { name: 'db', version: 130 }],
  ),
}

function writtenBy(...entries: readonly (readonly [string, string, string])[]): Pick<Sketch, 'metadata'> {
  const managedFields = entries.map(([manager, subresource, time]) => ({
    manager,
    operation: 'Update',
    time,
    ...(subresource && { subresource }),
  }))
  return { metadata: { managedFields } }
}

/** An event about a pod, by when it happened first and last. */
function event(name: string, uid: string, first: string, last: string): Sketch {
  const involvedObject = { kind: 'Pod', apiVersion: 'v1', namespace: 'till', name, uid }
  const times = { firstTimestamp: `2026-01-31T${first}Z`, lastTimestamp: `2026-01-31T${last}Z` }
  return {
    name: `${name}.${uid}`,
    version: 10,
    created: times.firstTimestamp,
    more: { involvedObject, reason: 'BackOff', ...times },
  }
}

interface Item {
  readonly metadata: { name: string; resourceVersion?: string; annotations?: Record<string, string> }
}

async function podsAt(time: string, files: Record<string, string>, head = HEAD) {
  const served = await serve(files, { at: new Date(`2026-01-31T${time}Z`) }, head)
  const list = (await served.get(PODS)) as { items: Item[]; metadata: { resourceVersion: string } }
  const named = new Map(list.items.map((item) => [item.metadata.name, item.metadata]))
  return { ...served, list, named, names: [...named.keys()] }
}

describe('the state at a moment after the list', () => {
  it('has what was recorded up to then, and nothing later', async () => {
    const { names, named, list } = await podsAt('23:59:06.500', SHOP)
    expect(names).toEqual(['db', 'job', 'web', 'young'])
    expect(named.get('web')).toMatchObject({ resourceVersion: '110' })
    expect(named.get('web')?.annotations).toBeUndefined()
    expect(list.metadata.resourceVersion).toBe('120')
    expect((await podsAt('23:59:08.200', SHOP)).names).toEqual(['job', 'web', 'young'])
    expect((await podsAt('23:59:05', SHOP)).named.get('web')).toMatchObject({ resourceVersion: '90' })
  })

  it('stands still: a watch gets it and nothing more', async () => {
    const { watch, replay } = await podsAt('23:59:06.500', SHOP)
    const lines = await watch(`${PODS}?watch=1&timeoutSeconds=1&allowWatchBookmarks=1`, 99)
    expect(lines.map(describeLine)).toEqual([
      'ADDED db 40',
      'ADDED job 120',
      'ADDED web 110',
      'ADDED young 95',
      'BOOKMARK - 120',
    ])
    expect(replay.now).toEqual(new Date('2026-01-31T23:59:06.500Z'))
    expect(replay.at).toEqual(replay.now)
  })
})

describe('the state at a moment before the list', () => {
  it('lacks what was created later, and says of the rest as of when it is and who wrote it since', async () => {
    const { names, named } = await podsAt('23:58:30', SHOP)
    expect(names).toEqual(['brief', 'db', 'web'])
    expect(named.get('db')?.annotations).toBeUndefined()
    expect(named.get('web')?.annotations).toEqual({
      [AT]: 'as listed at 2026-01-31T23:59:01.120Z; written since by kubelet (status) at 2026-01-31T23:58:45.000Z',
    })
    expect(named.get('brief')?.annotations?.[AT]).toMatch(/^as deleted at 2026-01-31T23:59:00\.620Z/)
  })

  it('counts ages to that moment', async () => {
    const { get } = await podsAt('23:58:30', SHOP)
    const table = await get(`${PODS}/db`, TABLE)
    const age = table.columnDefinitions.findIndex(({ name }: { name: string }) => name === 'Age')
    expect(table.rows[0].cells[age]).toBe('58m')
  })

  it('shows what only events prove as its name alone, and only while they do', async () => {
    const files = { ...SHOP, [EVENTS]: page(100, [event('ghost', 'g-1', '23:40:00', '23:58:50')], 'Event') }
    const { named, get } = await podsAt('23:58:30', files)
    expect(named.get('ghost')).toEqual({
      name: 'ghost',
      namespace: 'till',
      uid: 'g-1',
      annotations: {
        [STUB]:
          'nothing is known but that it was there: the event BackOff (2026-01-31T23:40:00.000Z) and the event BackOff (2026-01-31T23:58:50.000Z) name it',
      },
    })
    const table = await get(PODS, TABLE)
    const row = table.rows.find(({ cells }: { cells: string[] }) => cells[0] === 'ghost')
    expect(row.cells.slice(1)).toEqual(row.cells.slice(1).map(() => '<unknown>'))
    expect((await podsAt('23:58:55', files)).names).not.toContain('ghost')
    expect((await podsAt('23:30:00', files)).names).not.toContain('ghost')
  })

  it('shows no two objects of one name', async () => {
    const events = [
      event('web', 'web-before', '23:40:00', '23:58:50'),
      event('young', 'young-before', '23:40:00', '23:58:50'),
      event('twice', 'twice-1', '23:40:00', '23:58:50'),
      event('twice', 'twice-2', '23:50:00', '23:58:50'),
    ]
    const { list } = await podsAt('23:58:30', { ...SHOP, [EVENTS]: page(100, events, 'Event') })
    const uids = list.items.map(({ metadata }) => (metadata as { uid?: string }).uid)
    expect(uids).toEqual(['uid-of-brief', 'uid-of-db', 'twice-2', 'uid-of-web', 'young-before'])
  })

  it('shows an owner that was gone, between the creation of its first dependent and of its last', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'till-7d4', uid: 'r-1', controller: true }
    const owned = { metadata: { ownerReferences: [owner] } }
    const files = {
      [LIST]: page(100, [
        { name: 'till-1', version: 90, created: '2026-01-31T23:10:00Z', ...owned },
        { name: 'till-2', version: 91, created: '2026-01-31T23:50:00Z', ...owned },
      ]),
      'cluster/apps/v1/replicasets/_all/0001.json': page(100, [], 'ReplicaSet').replace('"v1"', '"apps/v1"'),
    }
    const replicaSets = {
      group: 'apps',
      version: 'v1',
      resource: 'replicasets',
      kind: 'ReplicaSet',
      namespaced: true,
      alsoServedAs: [],
    }
    const { get } = await podsAt('23:30:00', files, { ...HEAD, resources: [...HEAD.resources, replicaSets] })
    const found = await get('/apis/apps/v1/namespaces/till/replicasets/till-7d4')
    expect(found).toMatchObject({ kind: 'ReplicaSet', apiVersion: 'apps/v1', metadata: { uid: 'r-1' } })
    expect(found.metadata.annotations[STUB]).toContain('the creation of its Pod till-1 (2026-01-31T23:10:00.000Z)')
  })

  it('says what it rests on', async () => {
    const { replay } = await podsAt('23:58:30', {
      ...SHOP,
      [EVENTS]: page(100, [event('ghost', 'g', '23:40:00', '23:41:00')], 'Event'),
    })
    expect(replay.notes.join('\n')).toMatchInlineSnapshot(`
      "The state at 2026-01-31T23:58:30.000Z is rebuilt from the lists of 2026-01-31T23:59:01.120Z to 2026-01-31T23:59:01.120Z and the recorded changes of pods; of everything else no change after its list is known.
      An object that was written between that moment and its list is shown as it was seen first, and the annotation freezeframe.internal/at names the writers.
      What was deleted before its list is shown only where a change, events or owner references prove it, with nothing but its name and the annotation freezeframe.internal/stub where its contents are not known; events reach back to 2026-01-31T23:40:00.000Z."
    `)
  })
})

describe('a moment of which nothing is known', () => {
  it.each([
    ['2026-01-31T22:59:59Z', 'before anything that the bundle tells of'],
    ['2026-02-01T00:00:00Z', 'after the end of the capture'],
  ])('%s is refused with the bounds', async (time, words) => {
    await expect(serve(SHOP, { at: new Date(time) })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: `${new Date(time).toISOString()} is ${words}.`,
      remedy: 'Give --at a time from 2026-01-31T23:00:00.000Z to 2026-01-31T23:59:59.120Z.',
    })
  })
})
