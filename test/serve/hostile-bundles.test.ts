import { readFile, truncate } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeBundle, saveBundle } from '../bundle/sample.ts'
import { bundleOf, CORE_CONFIGMAPS, CORE_PODS, discoveryOf, type Entry, pagesOf, pod } from './make-bundle.ts'
import { type Answered, askServed, type ServedBundle, serveBundle } from './replay-server.ts'

const PODS = 'cluster/core/v1/pods/_all'
const POD_LIST = { kind: 'PodList', apiVersion: 'v1' }
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'

async function serve(source: string): Promise<ServedBundle> {
  const served = await serveBundle(source)
  onTestFinished(served.close)
  return served
}

/** Serves one page of pods as it is, and a second one that is as it should be. */
async function servePage(page: string | Buffer): Promise<ServedBundle> {
  const [good] = pagesOf(PODS, POD_LIST, [pod('shop', 'good')], 500)
  const whole: Entry = [`${PODS}/0002.json`, good?.[1] ?? '']
  return serve(await bundleOf([...discoveryOf([CORE_PODS]), [`${PODS}/0001.json`, page], whole]))
}

function listOf(...items: string[]): string {
  return `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[${items.join(',')}]}`
}

interface Item {
  readonly metadata: { readonly name: string }
}

function itemsOf({ text }: Answered): Item[] {
  return (JSON.parse(text) as { items: Item[] }).items
}

function namesOf(answer: Answered): string[] {
  return itemsOf(answer).map(({ metadata }) => metadata.name)
}

/** Whatever the bundle is, the server answers in JSON, and never with a failure of its own. */
async function askAll(served: ServedBundle, path: string): Promise<Answered[]> {
  const answers = await Promise.all(
    ['application/json', TABLE, METADATA, `${TABLE};includeObject=Object`].map((accept) =>
      askServed(served, path, { accept }),
    ),
  )
  for (const { status, text } of answers) {
    expect(status, text.slice(0, 300)).not.toBe(500)
    expect(() => JSON.parse(text)).not.toThrow()
  }
  return answers
}

describe('a bundle that was cut off', () => {
  const pods = Array.from({ length: 400 }, (_, n) => pod('shop', `web-${n}`)).sort()
  const maps = Array.from({ length: 50 }, (_, n) => `{"metadata":{"name":"map-${n}","namespace":"shop","uid":"u${n}"}}`)
  const files = [
    ...discoveryOf([CORE_PODS, CORE_CONFIGMAPS]),
    ...pagesOf(PODS, POD_LIST, pods, 50),
    ...pagesOf('cluster/core/v1/configmaps/_all', { kind: 'ConfigMapList', apiVersion: 'v1' }, maps.sort(), 10),
  ]

  it.each([0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999])(
    'after %d of its bytes is served as far as it goes, and every list of it says so',
    async (part) => {
      // A flush after each file, as after each second of a capture.
      const bytes = await makeBundle(files.flatMap((file) => [file, null]))
      const served = await serve(
        await saveBundle(bytes.subarray(0, Math.floor(bytes.length * part)), 'cut.partial.tar.gz'),
      )
      expect(served.replay.notes.join()).toContain('not whole')
      for (const [resource, all] of [['pods', pods] as const, ['configmaps', maps] as const]) {
        const [answer] = await askAll(served, `/api/v1/${resource}`)
        if (answer?.status === 200) {
          expect(all).toEqual(expect.arrayContaining(itemsOf(answer).map((item) => JSON.stringify(item))))
          if (itemsOf(answer).length < all.length) expect(answer.headers.get('warning')).toMatch(/not (complete|whole)/)
        } else expect(answer).toMatchObject({ status: 404, text: expect.stringContaining('not in this bundle') })
      }
    },
  )

  it('while it is served breaks a list off; what came is no list that ends', async () => {
    const many = Array.from({ length: 4000 }, (_, n) => pod('shop', `web-${n}`).replace('plain', `${Math.random()}`))
    const source = await bundleOf([...discoveryOf([CORE_PODS]), ...pagesOf(PODS, POD_LIST, many, 500)])
    const served = await serve(source)
    expect(await askServed(served, '/api/v1/pods?limit=1')).toMatchObject({ status: 200 })
    await truncate(source, Math.floor((await readFile(source)).length / 2))
    const got = await askServed(served, '/api/v1/pods').then(
      ({ status, text }) => (status === 200 ? itemsOf({ text } as Answered) : `answered ${status}`),
      () => 'broken off',
    )
    expect(['broken off', 'answered 500']).toContainEqual(got)
  })
})

describe('a page that is no list', () => {
  const PAGES: [string, string | Buffer][] = [
    ['a web page', '<html>login</html>'],
    ['nothing', ''],
    ['null', 'null'],
    ['an array', `[${pod('shop', 'in-an-array')}]`],
    ['a text', '"items"'],
    ['cut within an object', listOf(pod('shop', 'a'), pod('shop', 'b')).slice(0, -60)],
    ['another object', '{"kind":"Status","status":"Failure","message":"no"}'],
    ['with items that are no list', '{"kind":"PodList","items":{"metadata":{"name":"a"}}}'],
    ['of zeros', Buffer.alloc(5000)],
    ['with a quote that never ends', `{"kind":"${'x'.repeat(5000)}`],
    ['of opening brackets', '['.repeat(200_000)],
    ['of objects within objects', '{"a":'.repeat(200_000)],
  ]
  it.each(PAGES)('%s: the others are served, with a warning that one cannot be read', async (_, page) => {
    const served = await servePage(page)
    const [answer, table] = await askAll(served, '/api/v1/pods')
    expect(namesOf(answer as Answered)).toContain('good')
    for (const one of [answer, table]) expect(one?.headers.get('warning')).toContain(`${PODS}/0001.json cannot be read`)
    expect(await askServed(served, '/api/v1/namespaces/shop/pods/gone')).toMatchObject({
      status: 404,
      text: expect.stringContaining('cannot be read'),
    })
  })

  it('with items null is an empty list, as some servers write one', async () => {
    const answer = await askServed(await servePage('{"kind":"PodList","apiVersion":"v1","items":null}'), '/api/v1/pods')
    expect({ names: namesOf(answer), warning: answer.headers.get('warning') }).toEqual({
      names: ['good'],
      warning: null,
    })
  })
})

describe('an object that is none', () => {
  const OBJECTS: [string, string][] = [
    ['has no metadata', '{"spec":{}}'],
    ['is null', 'null'],
    ['is a number', '17'],
    ['is a list', '[[[]]]'],
    ['has a text for metadata', '{"metadata":"x"}'],
    ['has no name', '{"metadata":{"namespace":"shop"}}'],
    ['has a number for a name', '{"metadata":{"name":7,"namespace":"shop"}}'],
    ['has an object for a name', '{"metadata":{"name":{"name":"a"},"namespace":"shop"}}'],
  ]
  it.each(OBJECTS)('%s: it is left out, with a warning, and the others are served', async (_, item) => {
    const served = await servePage(listOf(pod('shop', 'a'), item, pod('shop', 'b')))
    const answers = await askAll(served, '/api/v1/pods')
    expect(namesOf(answers[0] as Answered)).toEqual(['a', 'b', 'good'])
    expect(answers[0]?.headers.get('warning')).toContain('without a name')
  })

  const ODD: [string, string][] = [
    [
      'labels that are no texts',
      '{"metadata":{"name":"odd","namespace":"shop","labels":{"a":1,"b":{"c":[]},"d":null}}}',
    ],
    ['labels that are a list', '{"metadata":{"name":"odd","namespace":"shop","labels":["a"]}}'],
    ['a prototype for a label', '{"metadata":{"name":"odd","namespace":"shop","labels":{"__proto__":"x"}}}'],
    [
      'containers that are no list',
      '{"metadata":{"name":"odd","namespace":"shop"},"spec":{"containers":{"a":1}},"status":7}',
    ],
    [
      'statuses that are null',
      '{"metadata":{"name":"odd","namespace":"shop"},"status":{"containerStatuses":[null,7]}}',
    ],
    [
      'numbers beyond any',
      `{"metadata":{"name":"odd","namespace":"shop","generation":1e999},"status":{"containerStatuses":[{"restartCount":${'9'.repeat(400)}}]}}`,
    ],
    [
      'times that are none',
      '{"metadata":{"name":"odd","namespace":"shop","creationTimestamp":"yesterday","deletionTimestamp":7}}',
    ],
    [
      'members twice',
      '{"metadata":{"name":"no","name":"odd","namespace":"shop"},"metadata":{"name":"odd","namespace":"shop"}}',
    ],
    ['absurd depth in its spec', `{"metadata":{"name":"odd","namespace":"shop"},"spec":${deep(100_000)}}`],
    ['absurd depth in its labels', `{"metadata":{"name":"odd","namespace":"shop","labels":{"a":${deep(100_000)}}}}`],
    [
      'absurd depth where a field selects',
      `{"metadata":{"name":"odd","namespace":"shop"},"spec":{"nodeName":${deep(100_000)}}}`,
    ],
    ['escapes in every key', '{"\\u006detadata":{"name":"hidden"},"metadata":{"name":"odd","namespace":"shop"}}'],
  ]
  it.each(ODD)('with %s is served as it is', async (_, item) => {
    const served = await servePage(listOf(item))
    await askAll(served, '/api/v1/pods')
    await askAll(served, '/api/v1/namespaces/shop/pods?labelSelector=a&fieldSelector=spec.nodeName!=x,status.phase!=y')
    await askAll(served, '/api/v1/namespaces/shop/pods/odd')
    const { text } = await askServed(served, '/api/v1/pods')
    expect(text).toContain(item)
  })

  it('that comes twice is listed twice, and got as the first', async () => {
    const twice = [pod('shop', 'web'), pod('shop', 'web').replace('4700', '4701')]
    const served = await servePage(listOf(...twice))
    expect(namesOf(await askServed(served, '/api/v1/pods'))).toEqual(['good', 'web', 'web'])
    const got = JSON.parse((await askServed(served, '/api/v1/namespaces/shop/pods/web')).text) as object
    expect(got).toMatchObject({ metadata: { resourceVersion: expect.stringMatching(/^470[01]$/) } })
  })
})

describe('names', () => {
  const NAMES = [
    'system:node',
    'a b',
    'a%2Fb',
    'café',
    '"quoted"',
    '🍏',
    'a?b#c',
    '..',
    '__proto__',
    'constructor',
    'a\\b',
    '-',
    '\u0000',
  ]
  it.each(NAMES)('%j is listed, got by its escaped path, and found by the field selector', async (name) => {
    const served = await servePage(listOf(pod('shop', name)))
    expect(namesOf(await askServed(served, '/api/v1/pods'))).toContain(name)
    // `..` must not be resolved by the client.
    const path = `/api/v1/namespaces/shop/pods/${encodeURIComponent(name).replace(/^\.\.$/, '%2e%2e')}`
    if (name !== '..') expect(JSON.parse((await askServed(served, path)).text)).toMatchObject({ metadata: { name } })
    const selector = encodeURIComponent(`metadata.name=${name.replace(/[\\,=]/g, '\\$&')}`)
    expect(namesOf(await askServed(served, `/api/v1/pods?fieldSelector=${selector}`))).toEqual([name])
  })

  it('of namespaces may begin with one another', async () => {
    const served = await servePage(
      listOf(pod('a', 'x'), pod('a-b', 'x'), pod('a.b', 'x'), pod('a0', 'x'), pod('ab', 'x')),
    )
    for (const place of ['a', 'a-b', 'a.b', 'a0', 'ab'])
      expect(itemsOf(await askServed(served, `/api/v1/namespaces/${place}/pods`))).toMatchObject([
        { metadata: { namespace: place } },
      ])
    const paged: string[] = []
    for (let token = ''; ; ) {
      const answer = await askServed(served, `/api/v1/pods?limit=2&continue=${token}`)
      const { metadata, items } = JSON.parse(answer.text) as {
        metadata: { continue?: string }
        items: { metadata: { namespace: string } }[]
      }
      paged.push(...items.map((item) => item.metadata.namespace))
      token = metadata.continue ?? ''
      if (token === '') break
    }
    expect(paged.sort()).toEqual(['a', 'a-b', 'a.b', 'a0', 'ab', 'shop'])
  })

  it.each(['constructor', 'toString', 'hasOwnProperty'])('a label named %s is there only where it is', async (key) => {
    const labelled = pod('shop', 'labelled').replace('{"app":', `{"${key}":"x","app":`)
    const served = await servePage(listOf(pod('shop', 'plain'), labelled))
    expect(namesOf(await askServed(served, `/api/v1/pods?labelSelector=${key}`))).toEqual(['labelled'])
    expect(namesOf(await askServed(served, `/api/v1/pods?labelSelector=!${key}`))).toEqual(['good', 'plain'])
  })
})

describe('versions of a list that are no numbers', () => {
  it.each(['abc', '-5', '1e9', '99999999999999999999999999', ''])(
    '%j: a list of any version is answered',
    async (version) => {
      const page = listOf(pod('shop', 'a')).replace('"7"', JSON.stringify(version))
      const served = await serve(await bundleOf([...discoveryOf([CORE_PODS]), [`${PODS}/0001.json`, page]]))
      for (const query of [
        '',
        '?resourceVersion=0',
        '?resourceVersion=5',
        '?resourceVersion=5&resourceVersionMatch=Exact',
        '?limit=1',
      ])
        expect((await askServed(served, `/api/v1/pods${query}`)).status, query).not.toBe(500)
    },
  )
})

describe('a definition of a custom resource that lies', () => {
  const COLUMNS: [string, string][] = [
    ['a path that is none', '[{"name":"A","type":"string","jsonPath":"{{{["}]'],
    ['a path into absurd depth', '[{"name":"A","type":"string","jsonPath":".spec"}]'],
    ['a type that is none', '[{"name":"A","type":"nothing","jsonPath":".metadata.name"}]'],
    ['columns that are no list', '{"a":1}'],
    ['columns that are null', '[null,7,"x"]'],
    ['a filter that never ends', `[{"name":"A","type":"string","jsonPath":".spec[?(@.a=='${'('.repeat(50_000)}"}]`],
  ]
  it.each(COLUMNS)('in %s: its objects are served', async (_, columns) => {
    const orders = { group: 'shop.example', version: 'v1', resource: 'orders', kind: 'Order', namespaced: true }
    const definitions = {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      resource: 'customresourcedefinitions',
      kind: 'CustomResourceDefinition',
      namespaced: false,
    }
    const definition = `{"metadata":{"name":"orders.shop.example"},"spec":{"group":"shop.example","names":{"plural":"orders"},"versions":[{"name":"v1","selectableFields":[{"jsonPath":".spec.a"},null,7],"additionalPrinterColumns":${columns}},null,7]}}`
    const served = await serve(
      await bundleOf([
        ...discoveryOf([orders, definitions]),
        ...pagesOf(
          'cluster/apiextensions.k8s.io/v1/customresourcedefinitions/_all',
          { kind: 'CustomResourceDefinitionList', apiVersion: 'apiextensions.k8s.io/v1' },
          [definition, 'null', '{"metadata":{"name":"x"},"spec":7}'],
          500,
        ),
        ...pagesOf(
          'cluster/shop.example/v1/orders/_all',
          { kind: 'OrderList', apiVersion: 'shop.example/v1' },
          [`{"metadata":{"name":"first","namespace":"shop"},"spec":{"a":${deep(20_000)}}}`],
          500,
        ),
      ]),
    )
    const answers = await askAll(served, '/apis/shop.example/v1/orders')
    expect(namesOf(answers[0] as Answered)).toEqual(['first'])
  })
})

describe('access reviews', () => {
  const REVIEWS: [string, string][] = [
    ['null', 'null'],
    ['no JSON', '<html>'],
    ['a list of nothing', '[null,7,"x",{},{"question":null,"answer":null},{"spec":7}]'],
    ['an object', '{"map":7}'],
  ]
  const QUESTIONS = [
    'null',
    '[]',
    '7',
    '{}',
    '{"spec":7}',
    '{"spec":{"resourceAttributes":null}}',
    '{"spec":{"resourceAttributes":{"verb":7}}}',
    'no JSON',
    '',
  ]
  it.each(REVIEWS)('of %s: every question is answered, with a Status if not with a review', async (_, reviews) => {
    const served = await serve(await bundleOf([...discoveryOf([CORE_PODS]), ['run/identity.json', reviews]]))
    for (const kind of [
      'authorization.k8s.io/v1/selfsubjectaccessreviews',
      'authorization.k8s.io/v1/selfsubjectrulesreviews',
      'authentication.k8s.io/v1/selfsubjectreviews',
    ]) {
      for (const body of QUESTIONS) {
        const { status, text } = await askServed(served, `/apis/${kind}`, { method: 'POST', body })
        expect(status, `${kind} ${body}: ${text}`).not.toBe(500)
        expect(JSON.parse(text)).toMatchObject({ kind: expect.stringMatching(/Status|Review/) })
      }
    }
  })
})

describe('a bundle with nothing in it', () => {
  it('is served: discovery is empty, every list says that it is not there', async () => {
    const served = await serve(await saveBundle(await makeBundle([])))
    expect((await askServed(served, '/apis')).status).toBe(200)
    expect(await askServed(served, '/api/v1/pods')).toMatchObject({
      status: 404,
      text: expect.stringContaining('not in this bundle'),
    })
    expect(await askServed(served, '/version')).toMatchObject({ status: 404 })
  })

  it('but discovery that is no JSON answers, too', async () => {
    const broken: Entry[] = [
      ['cluster/discovery/api.json', 'null'],
      ['cluster/discovery/apis.json', '<html>'],
      ['cluster/discovery/apis.aggregated.json', ''],
      ['cluster/version.json', ''],
    ]
    const served = await serve(await saveBundle(await makeBundle(broken)))
    for (const path of ['/api', '/apis', '/apis/apps', '/apis/apps/v1', '/version', '/openapi/v3']) {
      const { status, text } = await askServed(served, path, {
        accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
      })
      expect(status, `${path}: ${text}`).not.toBe(500)
    }
  })
})

function deep(levels: number): string {
  return `${'{"a":['.repeat(levels)}1${']}'.repeat(levels)}`
}
