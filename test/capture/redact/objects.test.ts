import { describe, expect, it } from 'vitest'
import { MARKER, podWith, redactList, redactText } from './redactor.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

describe('environment variables', () => {
  function env(...list: unknown[]) {
    return redactList('pods', [podWith({ env: list })]).items[0].spec.containers[0].env
  }

  it('keep what causes are read from', () => {
    const kept = [
      { name: 'DATABASE_HOST', value: 'db.shop.svc:5432' },
      { name: 'TIMEOUT', value: '30s' },
      { name: 'WORKERS', value: '8' },
      { name: 'LOG_LEVEL', value: 'debug' },
      { name: 'QUEUE', value: 'https://queue.example.com/orders' },
      { name: 'EMPTY', value: '' },
    ]
    expect(env(...kept)).toEqual(kept)
  })

  it('lose every other literal, and every value whose name says secret unless it cannot be one', () => {
    const values = env(
      { name: 'DB_PASSWORD', value: '12345678' },
      { name: 'GREETING', value: 'hello world' },
      { name: 'DSN', value: 'postgres://app:hunter2@db/shop' },
      { name: 'TOKEN_ENABLED', value: 'true' },
      { name: 'API_TOKEN', value: 'false' },
    ).map((one: { value: string }) => (MARKER.test(one.value) ? 'gone' : one.value))
    expect(values).toEqual(['gone', 'gone', 'gone', 'true', 'false'])
  })

  it('keep where a value comes from', () => {
    const reference = { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'web-token', key: 'token' } } }
    expect(env(reference)).toEqual([reference])
  })

  it('are judged by the name also when the value stands first', () => {
    const list =
      '{"items":[{"spec":{"containers":[{"env":[{"name":"PORT","value":"80"},{"value":"12345678","name":"DB_PASSWORD"}]}]}}]}'
    const { text } = redactText(list, { type: 'list', group: '', resource: 'pods' })
    expect(text).not.toContain('12345678')
  })

  it('are judged in custom resources too, as lists and as maps', () => {
    const [order] = redactList('orders', [
      {
        spec: {
          template: { env: [{ name: 'A', value: 'hello world' }] },
          env: { DB_PASSWORD: '12345678', PORT: '80' },
        },
      },
    ]).items
    expect(order.spec.template.env[0].value).toMatch(MARKER)
    expect(order.spec.env.DB_PASSWORD).toMatch(MARKER)
    expect(order.spec.env.PORT).toBe('80')
  })
})

describe('variables of custom resources', () => {
  const spec = (given: object) => redactList('orders', [{ spec: given }]).items[0].spec

  it.each(['envs', 'extraEnvVars', 'environment', 'podEnv', 'additionalEnvVars'])('are judged under %s too', (key) => {
    const [secret, port] = spec({
      [key]: [
        { name: 'DB_PASSWORD', value: '12345678' },
        { name: 'PORT', value: '80' },
      ],
    })[key]
    expect(secret.value).toMatch(MARKER)
    expect(port.value).toBe('80')
  })

  it('are judged where each of them is one string', () => {
    const { env } = spec({ env: ['DB_PASSWORD=12345678', 'PORT=80', 'EXPORTED'] })
    expect(env).toEqual([expect.stringMatching(/^DB_PASSWORD=<redacted:env:/), 'PORT=80', 'EXPORTED'])
  })

  it('are none where a string says where something runs', () => {
    expect(spec({ environment: 'production-eu', env: 'blue green' })).toEqual({
      environment: 'production-eu',
      env: 'blue green',
    })
  })

  it('are judged by the name beside the value, whatever the list is called and whichever stands first', () => {
    const given = {
      httpHeaders: [
        { name: 'Authorization', value: 'hunter2' },
        { name: 'Accept', value: 'text/plain' },
      ],
      parameters: [{ Value: 'hunter2', Key: 'dbPassword' }],
    }
    const { httpHeaders, parameters } = spec(given)
    expect(httpHeaders[0].value).toMatch(MARKER)
    expect(httpHeaders[1]).toEqual(given.httpHeaders[1])
    expect(parameters[0].Value).toMatch(MARKER)
  })
})

describe('commands and arguments', () => {
  function args(...list: string[]) {
    return redactList('pods', [podWith({ args: list })]).items[0].spec.containers[0].args as string[]
  }

  it('can still be read', () => {
    const readable = [
      'serve',
      '--listen=:8080',
      '--verbose',
      '-c',
      'echo ready; sleep 10 && exit 1',
      '/etc/app/config.yaml',
    ]
    expect(args(...readable)).toEqual(readable)
  })

  it.each([
    [['--password=hunter2']],
    [['--password', 'hunter2']],
    [['sh', '-c', 'export DB_PASSWORD=hunter2; run']],
    [['sh', '-c', 'curl -H "Authorization: Bearer hunter2hunter2" http://api']],
    [['mysql', '-u', 'root', '--password=hunter2', '-h', 'db']],
    [['--url=https://app:hunter2@example.com/']],
    [['echo \'{"password":"hunter2"}\'']],
    [['postgres://app:hunter2@db/shop']],
  ])('%j lose the secret and keep the rest', (list) => {
    const redacted = args(...list)
    expect(redacted.join(' ')).not.toContain('hunter2')
    expect(redacted).toHaveLength(list.length)
    expect(redacted[0]?.slice(0, 2)).toBe(list[0]?.slice(0, 2) === 'po' ? 'po' : list[0]?.slice(0, 2))
  })

  it('lose what looks generated', () => {
    expect(args('--license', 'aB3dE5fG7hI9jK1lM2nO4')[1]).toMatch(MARKER)
  })
})

describe('annotations', () => {
  function annotations(given: Record<string, string>) {
    return redactList('pods', [podWith({}, { annotations: given })]).items[0].metadata.annotations
  }

  it('of controllers stay, of users go', () => {
    const kept = {
      'deployment.kubernetes.io/revision': '3',
      'karpenter.sh/nodepool': 'default',
      'prometheus.io/port': '9090',
    }
    expect(annotations(kept)).toEqual(kept)
    expect(annotations({ 'example.com/note': 'call Alice at home' })['example.com/note']).toMatch(MARKER)
    expect(annotations({ 'example.com/api-token': 'zz9' })['example.com/api-token']).toMatch(MARKER)
  })

  it('keep last-applied-configuration, redacted inside of its JSON', () => {
    const applied = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', annotations: { 'example.com/note': 'call Alice' } },
      spec: {
        containers: [
          {
            name: 'app',
            image: 'web:v1',
            env: [
              { name: 'DB_PASSWORD', value: 'hunter22' },
              { name: 'PORT', value: '80' },
            ],
          },
        ],
      },
    }
    const kept = JSON.parse(annotations({ [LAST_APPLIED]: `${JSON.stringify(applied)}\n` })[LAST_APPLIED])
    expect(kept.spec.containers[0].env[0].value).toMatch(MARKER)
    expect(kept.spec.containers[0].env[1].value).toBe('80')
    expect(kept.spec.containers[0].image).toBe('web:v1')
    expect(kept.metadata.annotations['example.com/note']).toMatch(MARKER)
  })

  it('find the Secret that somebody applied, in the annotation of the Secret that a list holds', () => {
    const secret = { kind: 'Secret', data: { password: 'aHVudGVyMg==' }, stringData: { plain: 'hunter2' } }
    const redacted = annotations({ [LAST_APPLIED]: JSON.stringify(secret) })[LAST_APPLIED]
    expect(redacted).not.toContain('aHVudGVyMg==')
    expect(redacted).not.toContain('hunter2')
  })

  it('that are broken JSON go as a whole', () => {
    expect(annotations({ [LAST_APPLIED]: '{"spec": {' })[LAST_APPLIED]).toMatch(MARKER)
  })
})

describe('requests for logs of nodes', () => {
  it('of others lose what signs the addresses that they are sent to', () => {
    const query = `X-Amz-Credential=AKIA${MARKER}%2F20260131&X-Amz-Security-Token=${MARKER}&X-Amz-Signature=${MARKER}`
    const fields = { 'x-amz-signature': MARKER, 'x-amz-credential': MARKER, 'x-amz-security-token': MARKER }
    const spec = {
      logCapture: { destination: `https://logs.s3.amazonaws.com/n1.tar.gz?${query}` },
      packetCapture: { upload: { url: 'https://logs.s3.amazonaws.com', fields } },
    }
    const applied = { [LAST_APPLIED]: JSON.stringify({ spec }) }
    const { items } = redactList('nodediagnostics.eks.amazonaws.com', [
      { metadata: { name: 'n1', annotations: applied }, spec },
    ])
    expect(JSON.stringify(items)).not.toContain(MARKER)
    expect(items[0].spec.logCapture.destination).toMatch(/^https:\/\/logs\.s3\.amazonaws\.com\/n1\.tar\.gz\?/)
  })
})

describe('ConfigMaps', () => {
  const map = (name: string, namespace = 'shop') => ({
    metadata: { name, namespace },
    data: { 'app.properties': 'colour=blue', mode: 'fast' },
    binaryData: { blob: 'AAECAw==' },
  })

  it('keep names and keys, and a keyed hash for each value', () => {
    const [settings] = redactList('configmaps', [map('settings')]).items
    expect(settings.metadata.name).toBe('settings')
    expect(Object.keys(settings.data)).toEqual(['app.properties', 'mode'])
    for (const value of [...Object.values(settings.data), settings.binaryData.blob]) expect(value).toMatch(MARKER)
  })

  it('of the system keep their values, of the same name elsewhere not', () => {
    const [ours, theirs, root] = redactList('configmaps', [
      map('coredns', 'kube-system'),
      map('coredns'),
      map('kube-root-ca.crt'),
    ]).items
    expect(ours.data.mode).toBe('fast')
    expect(theirs.data.mode).toMatch(MARKER)
    expect(root.data.mode).toBe('fast')
  })

  it('keep their values with --config-data, but no secrets in them', () => {
    const [settings] = redactList(
      'configmaps',
      [
        {
          metadata: { name: 'settings', namespace: 'shop' },
          data: { plain: 'colour=blue', url: 'postgres://a:hunter2@db/x', 'x.conf': 'password = hunter2' },
        },
      ],
      { configData: true },
    ).items
    expect(settings.data.plain).toBe('colour=blue')
    expect(JSON.stringify(settings)).not.toContain('hunter2')
  })

  it('of node roles keep roles and groups; users are people', () => {
    const mapUsers =
      '- userarn: arn:aws:iam::000000000000:user/alice\n  username: alice\n  groups:\n  - system:masters\n'
    const mapRoles = '- rolearn: arn:aws:iam::000000000000:role/node\n  username: system:node:{{EC2PrivateDNSName}}\n'
    const [auth] = redactList('configmaps', [
      { metadata: { name: 'aws-auth', namespace: 'kube-system' }, data: { mapRoles, mapUsers } },
    ]).items
    expect(auth.data.mapRoles).toBe(mapRoles)
    expect(auth.data.mapUsers).not.toContain('alice')
    expect(auth.data.mapUsers).toContain('system:masters')
  })

  it('are judged by their own name, wherever metadata stands', () => {
    const list =
      '{"items":[{"metadata":{"name":"coredns","namespace":"kube-system"},"data":{"a":"keep"}},{"data":{"a":"withhold"},"metadata":{"name":"x","namespace":"y"}}]}'
    const { text } = redactText(list, { type: 'list', group: '', resource: 'configmaps' })
    expect(text).toContain('keep')
    expect(text).not.toContain('withhold')
  })

  it('of the system whose data stands before the name are withheld: nobody knew yet whose it was', () => {
    const list = '{"items":[{"data":{"a":"unknown"},"metadata":{"name":"coredns","namespace":"kube-system"}}]}'
    expect(redactText(list, { type: 'list', group: '', resource: 'configmaps' }).text).not.toContain('unknown')
  })
})

describe('objects that are written down in others', () => {
  it('are judged as what they are: Secrets and ConfigMaps in templates lose their values', () => {
    const [work] = redactList('manifestworks', [
      {
        spec: {
          manifests: [
            { kind: 'Secret', metadata: { name: 'a' }, data: { x: 'aHVudGVyMg==' } },
            { data: { x: 'plain words' }, kind: 'ConfigMap', metadata: { name: 'b' } },
            { kind: 'Service', metadata: { name: 'c' }, data: { x: 'stays' } },
          ],
        },
      },
    ]).items
    const [secret, config, service] = work.spec.manifests
    expect(secret.data.x).toMatch(MARKER)
    expect(config.data.x).toMatch(MARKER)
    expect(config.metadata.name).toBe('b')
    expect(service.data.x).toBe('stays')
  })

  it('lose the values of Secrets also in a text, as YAML and as JSON', () => {
    const yaml = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n  x: aHVudGVyMg==\ntype: Opaque\n'
    const json = JSON.stringify({ kind: 'Secret', metadata: { name: 'a' }, stringData: { x: 'hunter two' } })
    const { text } = redactList('orders', [{ spec: { yaml, json } }])
    expect(text).not.toMatch(/aHVudGVyMg|hunter two/)
    expect(JSON.parse(text).items[0].spec.yaml).toMatch(/^ {2}x: <redacted:secret:[0-9a-f]{16}>$/m)
  })
})

describe('labels and selectors', () => {
  it('stay, so that selectors go on matching, whatever their keys say', () => {
    const labels = { 'example.com/token': 'bearer-of-rings', password: 'reset-flow' }
    const deployment = {
      metadata: { labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { nodeSelector: labels } } },
    }
    expect(redactList('deployments', [deployment]).items).toEqual([deployment])
  })

  it('lose tokens', () => {
    const { text } = redactList('pods', [podWith({}, { labels: { key: 'ghp_0123456789abcdefghijABCDEFGHIJ012345' } })])
    expect(text).not.toContain('ghp_')
  })
})

describe('keys', () => {
  it('that are tokens themselves go', () => {
    const { text } = redactList('orders', [{ status: { seen: { AKIAABCDEFGHIJKLMNOP: 1 } } }])
    expect(text).not.toContain('AKIAABCDEFGHIJKLMNOP')
  })

  it('mean what they mean when they are written with escapes', () => {
    const list = '{"items":[{"spec":{"p\\u0061ssword":"hunter2","\\u0065nv":[{"name":"A","value":"hunter two"}]}}]}'
    const { text } = redactText(list, { type: 'list', group: '', resource: 'orders' })
    expect(text).not.toContain('hunter')
  })

  it('of managedFields stay; values of sets in them are searched', () => {
    const fields = (value: string) => [{ fieldsV1: { 'f:spec': { 'f:finalizers': { [`v:"${value}"`]: {} } } } }]
    const kept = podWith({}, { managedFields: fields('example.com/hold') })
    expect(redactList('pods', [kept]).items).toEqual([kept])
    const { text } = redactList('pods', [podWith({}, { managedFields: fields('AKIAABCDEFGHIJKLMNOP') })])
    expect(text).not.toContain('AKIAABCDEFGHIJKLMNOP')
  })
})

describe('other objects', () => {
  it('lose what stands under a name that says secret, at any depth', () => {
    const { text } = redactList('orders', [
      {
        spec: {
          provider: {
            credentials: { key: 'hunter2', nested: { deep: ['hunter2'] } },
            clientSecret: 'hunter2',
            secretName: 'orders',
          },
        },
      },
    ])
    expect(text).not.toContain('hunter2')
    expect(text).toContain('"secretName":"orders"')
  })

  it('keep what Kubernetes itself points at Secrets with', () => {
    const spec = {
      imagePullSecrets: [{ name: 'registry' }],
      volumes: [
        {
          name: 'tls',
          secret: { secretName: 'web-tls', items: [{ key: 'tls.crt', path: 'cert.pem' }], defaultMode: 420 },
        },
        {
          name: 'token',
          projected: {
            sources: [{ serviceAccountToken: { audience: 'vault', expirationSeconds: 600, path: 'token' } }],
          },
        },
      ],
    }
    expect(redactList('pods', [{ spec }]).items[0].spec).toEqual(spec)
    expect(redactList('orders', [{ spec: { secret: 'hunter2', secrets: ['hunter2'] } }]).text).not.toContain('hunter2')
  })

  it('lose tokens wherever they stand', () => {
    const { text } = redactList('events', [
      { message: 'Failed to pull: Get "https://app:hunter2@registry.example.com/v2/": denied' },
      { message: 'header was Bearer hunter2hunter2, rejected' },
    ])
    expect(text).not.toContain('hunter2')
    expect(text).toContain('@registry.example.com/v2/')
  })

  it('custom resource definitions lose spec.versions[].schema, and nothing else', () => {
    const definition = {
      metadata: { name: 'orders.example.com' },
      spec: {
        versions: [
          {
            name: 'v1',
            schema: { openAPIV3Schema: { type: 'object' } },
            additionalPrinterColumns: [{ name: 'State', jsonPath: '.s' }],
            selectableFields: [{ jsonPath: '.s' }],
          },
          { schema: {}, name: 'v2' },
          { name: 'v3', schema: {} },
        ],
        names: { plural: 'orders' },
      },
    }
    const { items, counts } = redactList('customresourcedefinitions.apiextensions.k8s.io', [definition])
    const { schema: _, ...first } = definition.spec.versions[0] as Record<string, unknown>
    expect(items[0].spec).toEqual({ versions: [first, { name: 'v2' }, { name: 'v3' }], names: { plural: 'orders' } })
    expect(counts.schema).toBe(3)
  })

  it('nodes lose their images on request only', () => {
    const node = { metadata: { name: 'n1' }, status: { images: [{ names: ['a:v1'] }], phase: 'x' } }
    expect(redactList('nodes', [node]).items).toEqual([node])
    const { items, counts } = redactList('nodes', [node], { dropNodeImages: true })
    expect(items[0].status).toEqual({ phase: 'x' })
    expect(counts.images).toBe(1)
  })
})
