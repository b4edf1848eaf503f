// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells write such strings.
import { describe, expect, it } from 'vitest'
import { MARKER, redactList, redactText } from './redactor.ts'

/** Lines of logs and settings that hold `hunter2`, or what stands beside them. */
const LINES: readonly (readonly [line: string, secret?: string])[] = [
  ['password: |\n  hunter2\n'],
  ['password: >-\n  hunter2\n'],
  ['password:\n  hunter2\n'],
  ['password: &pw hunter2\n'],
  ['password: !!str hunter2\n'],
  ['passwords:\n  - hunter2\n'],
  ['{password: hunter2}'],
  ['passwords: [hunter2, b]'],
  ['password    = "hunter2"'],
  ['db_password        = hunter2'],
  ['password\t\t\t\t= hunter2'],
  ['password:    hunter2'],
  ['password:\t\t\t\thunter2'],
  ['<password>hunter2</password>'],
  ['<Resource password="hunter2"/>'],
  ["CREATE USER 'a'@'%' IDENTIFIED BY 'hunter2'"],
  ["ALTER USER a WITH PASSWORD 'hunter2'"],
  ["ALTER ROLE a PASSWORD 'hunter2'; "],
  ['default password: letmein for user admin', 'letmein'],
  ['password: correct horse battery staple', 'correct horse'],
  ['invalid password: hunter2: access denied'],
  ['login with password hunter2 failed'],
  ['password=ab;hunter2'],
  ['password=ab,hunter2'],
  ['password=ab}hunter2'],
  ['password=ab)hunter2'],
  ['password=ab:hunter2'],
  ['password=)hunter2'],
  ['password=,hunter2'],
  ['password=}hunter2'],
  ["password='a b hunter2'"],
  ['password="a \'b\' hunter2"'],
  ['password=voilàhunter2'],
  ['password=Рhunter2'],
  ['password=p😀hunter2'],
  ['password= hunter2'],
  ['password=🚠hunter2'],
  ['${PASSWORD:-hunter2}'],
  ['password=${X:-hunter2}'],
  ['jdbc:oracle:thin:scott/hunter2@db:1521:xe'],
  ['smtp://user@gmail.com:hunter2@smtp.gmail.com:587'],
  ['smtps://a%40b.c:hunter2@smtp:465'],
  ['postgres://a:hun/hunter2@db/x'],
  ['postgres://a:hun#hunter2@db/x'],
  ['postgres://a:hun?hunter2@db/x'],
  ['postgres://a:12345@db/x', '12345'],
  ['amqp://guest:hunter2@rabbit:5672'],
  ['mongosh -u root -p hunter2'],
  ['docker login -u a -p hunter2 reg'],
  ['relogin: docker login -u a -p hunter2 reg'],
  ['ldapsearch -D cn=a -w hunter2'],
  ['sqlcmd -U sa -P hunter2'],
  ['mysqladmin -uroot -phunter2 ping'],
  ['psql "host=db user=a password=hunter2"'],
  ['sshpass -phunter2 ssh x'],
  ['openssl enc -pass pass:hunter2'],
  ['curl -H "X-Api-Key: hunter2" x'],
  ['curl --user app:hunter2 x'],
  ['curl -uapp:hunter2 x'],
  ['wget --password hunter2 x'],
  ['wget --http-password=hunter2'],
  ['git clone https://oauth2:hunter2@gitlab.com/x'],
  ['az login -u a -p hunter2'],
  ['Cookie: sid=hunter2; b=c'],
  ['Set-Cookie: session=hunter2; Path=/'],
  ['X-Auth-Token: hunter2'],
  ['x-api-key: hunter2'],
  ['authorization: hunter2'],
  ['Proxy-Authorization: Basic aHVudGVyMg==', 'aHVudGVyMg'],
  ['GET /x?access_token=hunter2&y=1'],
  ['GET /x?token=hunter2'],
  ['GET /x?apikey=hunter2'],
  ['GET /x?pass=hunter2'],
  ['GET /x?pw=hunter2'],
  ['{"pw":"hunter2"}'],
  ['{"pwd":"hunter2"}'],
  ['{"m":"{\\"password\\":\\"hunter2\\"}"}'],
  ['{"a":"{\\"b\\":\\"{\\\\\\"password\\\\\\":\\\\\\"hunter2\\\\\\"}\\"}"}'],
  ['{"password":123hunter2}'],
  ['{"passwords":["a","hunter2"]}'],
  ['{"passwords":[\n "a",\n "hunter2"]}'],
  ['{"password"    :     "hunter2"}'],
  ['{"password":\n"hunter2"}'],
  ['{"password":{"value":"hunter2"}}'],
  ['{"name":"DB_PASSWORD","value":"hunter2"}'],
  ['{"value":"hunter2","name":"DB_PASSWORD"}'],
  ['- name: DB_PASSWORD\n  value: hunter2\n'],
  ["{'password': 'hunter2'}"],
  ['{User:app Password:hunter2 Host:db}'],
  ['&Config{Password:"hunter2"}'],
  ['Config(user=app, password=hunter2, host=db)'],
  [':password=>"hunter2"'],
  ['password: "hunter2"'],
  ['msg="x" password=hunter2 user=a'],
  ['DB_PASSWORD=hunter2'],
  ["export DB_PASSWORD='hunter2'"],
  ['REDIS_AUTH=hunter2'],
  ['DB_PW=hunter2'],
  ['DB_PSWD=hunter2'],
  ['passcode=hunter2'],
  ['psk=hunter2'],
  ['Passwort: hunter2'],
  ['api_keys=hunter2'],
  ['aws_secret_access_key = hunter2'],
  ['shared_key: hunter2'],
  ['hmac: hunter2'],
  ['sec_key=hunter2'],
  ['AccessKey=hunter2'],
  ['AccountKey=hunter2==;EndpointSuffix=x'],
  ['SharedAccessSignature=hunter2'],
  ['https://x.blob.core.windows.net/c?sv=1&sig=hunter2hunter2%3D'],
  ['auth_key=hunter2'],
  ['ENCRYPTION_KEY=hunter2'],
  ['AIRFLOW__CORE__FERNET_KEY=hunter2'],
  ['APP_KEY=base64:hunter2'],
  ["SECRET_KEY = 'hunter2'"],
  ['consumer_key=hunter2'],
  ['rootpw {SSHA}hunter2'],
  ['bindpw hunter2'],
  ['bindPW: hunter2'],
  ['requirepass hunter2'],
  ['2026-01-31T08:00:00.123456789Z requirepass hunter2'],
  ['org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="hunter2";'],
  ["sasl.jaas.config=x required username='a' password='hunter2';"],
  ['-Dspring.datasource.password=hunter2'],
  ['-Djavax.net.ssl.keyStorePassword=hunter2'],
  ['\u001b[32mpassword\u001b[0m: \u001b[1mhunter2\u001b[0m'],
  ['password%3Dhunter2'],
  ['password%3dhunter2%26'],
  ['password&#61;hunter2'],
  ['cGFzc3dvcmQ9aHVudGVyMg=='],
]

/** Tokens that their issuers made to be recognised; nobody's. */
const TOKENS: readonly (readonly [line: string, secret?: string])[] = [
  ['dckr_pat_abcdefghijklmnopqrstuvwxyz1'],
  ['xapp-1-A0123-456-abcdef0123456789abcdef'],
  ['glrt-abcdefghij0123456789'],
  ['pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAw'],
  ['dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'],
  ['shpat_0123456789abcdef0123456789abcdef'],
  ['sk_test_0123456789abcdefghij'],
  ['whsec_0123456789abcdefghijABCDEFGHIJ'],
  ['AGE-SECRET-KEY-1QQPQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ'],
  [
    'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2Z0lCQURBTkJna3Foa2lHOXcwQkFRRUZBQVNDCi0tLS0tRU5EIFBSSVZBVEUgS0VZLS0tLS0K',
  ],
  [
    'LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFdmdJQkFEQU5CZ2txaGtpRzl3MEJBUUVGQUFTQwotLS0tLUVORCBSU0EgUFJJVkFURSBLRVktLS0tLQo=',
  ],
  ['DD-API-KEY: 0123456789abcdef0123456789abcdef', '0123456789abcdef'],
  ['rk_test_0123456789abcdefghij'],
  ['https://hooks.slack.com/workflows/T0/A0/1/abcdefghij', 'abcdefghij'],
  ['https://api.telegram.org/bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11/sendMessage', 'ABC-DEF1234'],
]

/** Objects: the resource, the object, and the secret where it is another one than `hunter2`. */
const OBJECTS: readonly (readonly [resource: string, object: unknown, secret?: string])[] = [
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['redis-cli', '-a', 'hunter2', 'ping'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: {
        containers: [
          { name: 'x', livenessProbe: { exec: { command: ['mysqladmin', 'ping', '-uroot', '-phunter2'] } } },
        ],
      },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['mongosh', '-u', 'root', '-p', 'hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['sshpass', '-p', 'hunter2', 'ssh'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', args: ['login', '-u', 'a', '-p', 'hunter2'] }] },
    },
  ],
  [
    'pods',
    { metadata: { name: 'a', namespace: 'b' }, spec: { containers: [{ name: 'x', args: ['--bind-pw', 'hunter2'] }] } },
  ],
  [
    'pods',
    { metadata: { name: 'a', namespace: 'b' }, spec: { containers: [{ name: 'x', args: ['--bind-pw=hunter2'] }] } },
  ],
  [
    'pods',
    { metadata: { name: 'a', namespace: 'b' }, spec: { containers: [{ name: 'x', args: ['-pass', 'hunter2'] }] } },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['curl', '-u', 'app:hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['curl', '-uapp:hunter2', 'x'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['curl', '-H', 'X-Api-Key: hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['curl', '-H', 'X-Auth: hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', args: ['--set', 'auth.password=hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', args: ['--set=auth.user=a,auth.password=hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', args: ['--from-literal=password=hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['sh', '-c', 'mysql -u root -phunter2 -e "select 1"'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', command: ['sh', '-c', 'mongosh -u root -p hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', args: ['--url=jdbc:oracle:thin:scott/hunter2@db:1521:xe'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', args: ['--hook=https://h/x?a=hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', args: ['--basic-auth=admin:hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', args: ['--web.auth=admin:hunter2'] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', env: [{ name: 'REDIS_AUTH', value: '4815162342' }] }] },
    },
    '4815162342',
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', env: [{ name: 'BASIC_AUTH', value: 'admin:12345' }] }] },
    },
    'admin:12345',
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', env: [{ name: 'A', value: 'hunter2' }] }] },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', env: [{ name: 'P', value: '[redacted]' }] }] },
    },
    '[redacted]',
  ],
  ['orders', { spec: { password: 4815162342 } }, '4815162342'],
  ['orders', { spec: { adminPin: 48151 } }, '48151'],
  [
    'orders',
    {
      spec: {
        tls: {
          key: 'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2Z0lCQURBTkJna3Foa2lHOXcwQkFRRUZBQVNDCi0tLS0tRU5EIFBSSVZBVEUgS0VZLS0tLS0K',
        },
      },
    },
    'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2Z0lCQURBTkJna3Fo',
  ],
  [
    'apisixtlses',
    {
      spec: {
        cert: 'x',
        key: 'LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFdmdJQkFEQU5CZ2txaGtpRzl3MEJBUUVGQUFTQwotLS0tLUVORCBSU0EgUFJJVkFURSBLRVktLS0tLQo=',
      },
    },
    'LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFdmdJQkFEQU5C',
  ],
  ['redisclusters', { spec: { config: 'requirepass hunter2' } }],
  ['orders', { spec: { netrc: 'machine x login y password hunter2' } }],
  ['orders', { spec: { opts: '-password hunter2' } }],
  ['orders', { spec: { url: 'jdbc:oracle:thin:scott/hunter2@db:1521:xe' } }],
  ['orders', { status: { containerID: 'containerd://a:hunter2@b/0a1b2c' } }],
  ['orders', { status: { containerID: 'containerd://0a1b2c password=hunter2' } }],
  ['orders', { spec: { url: 'smtp://a@b.c:hunter2@smtp:587' } }],
  ['applications', { spec: { source: { helm: { values: 'auth:\n  password: hunter2\n' } } } }],
  ['applications', { spec: { source: { helm: { values: 'auth:\n  password: |\n    hunter2\n' } } } }],
  ['applications', { spec: { source: { helm: { values: 'auth:\n  password: &p hunter2\n' } } } }],
  ['applications', { spec: { source: { helm: { values: 'auth:\n  passwords:\n  - hunter2\n' } } } }],
  ['applications', { spec: { source: { helm: { values: 'auth:\n  password:      hunter2\n' } } } }],
  ['applications', { spec: { source: { helm: { values: 'env:\n- name: DB_PASSWORD\n  value: hunter2\n' } } } }],
  ['applications', { spec: { source: { helm: { values: 'env:\n  SMTP_PW: hunter2\n' } } } }],
  ['applications', { spec: { source: { helm: { parameters: [{ name: 'auth.password', value: 'hunter2' }] } } } }],
  [
    'applications',
    { spec: { source: { helm: { parameters: [{ forceString: true, name: 'auth.password', value: 'hunter2' }] } } } },
  ],
  [
    'applications',
    {
      spec: { source: { helm: { valuesObject: { auth: { password: 'hunter2', rootPassword: 'hunter2', pw: 'x' } } } } },
    },
  ],
  ['applications', { spec: { source: { helm: { valuesObject: { auth: { pw: 'hunter2' } } } } } }],
  ['orders', { spec: { selector: { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] } } }],
  ['orders', { spec: { vars: [{ key: 'DB_PASSWORD', value: 'hunter2' }] } }],
  ['pipelineruns', { spec: { params: [{ name: 'password', value: ['hunter2'] }] } }],
  ['pipelineruns', { spec: { params: [{ name: 'password', value: { x: 'hunter2' } }] } }],
  ['orders', { spec: { env: [{ DB_PASSWORD: 'hunter2' }] } }],
  ['orders', { spec: { env: [{ key: 'GREETING', value: 'hunter2' }] } }],
  ['orders', { spec: { args: { password: 'hunter2' } } }],
  ['orders', { spec: { resources: [{ kind: 'Secret', data: { a: 'hunter2' } }] } }],
  ['orders', { spec: { template: { data: { a: 'hunter2' }, kind: 'Secret' } } }],
  ['orders', { spec: { m: 'apiVersion: v1\nkind: Secret\nstringData:\n  a: hunter2\n' } }],
  ['orders', { spec: { m: 'apiVersion: v1\nkind: Secret\nstringData: {a: hunter2}\n' } }],
  ['orders', { spec: { m: 'kind: Secret\nstringData:\n  a: |\n    x\n    hunter2\n' } }],
  ['orders', { spec: { m: 'kind: Secret\nstringData:\n  "a b": hunter2\n' } }],
  ['orders', { spec: { m: 'kind: Secret # x\nstringData:\n  a: hunter2\n' } }],
  ['orders', { spec: { m: 'kind: Secret\nstringData: # x\n  a: hunter2\n' } }],
  ['orders', { spec: { m: '{"kind":"Secret","data":{"a":"x{yhunter2"}}' } }],
  ['orders', { spec: { m: '{"kind":"Secret","stringData":{"a":"{\\"x\\":\\"hunter2\\"}","b":"hunter2"}}' } }],
  ['orders', { spec: { m: '{"kind":"Secret","stringData":{"b":"}","a":"hunter2"}}' } }],
  ['orders', { spec: { m: '{"stringData":{"a":"hunter2"},"kind":"Secret"}' } }],
  [
    'configmaps',
    {
      metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
      data: { ClusterConfiguration: 'etcd:\n  password: hunter2' },
    },
  ],
  ['configmaps', { metadata: { name: 'coredns', namespace: 'kube-system' }, data: { token: 'hunter2' } }],
  [
    'pods',
    {
      metadata: {
        name: 'a',
        managedFields: [{ fieldsV1: { 'f:spec': { 'f:args': { 'v:"--password=hunter2"': {} } } } }],
      },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', managedFields: [{ fieldsV1: { 'f:spec': { 'v:"hunter2 AKIAABCDEFGHIJKLMNOP"': {} } } }] },
    },
    'AKIAABCDEFGHIJKLMNOP',
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b', annotations: { 'a.b/c': 'hunter2' } },
      spec: { containers: [{ name: 'x' }] },
    },
  ],
  [
    'deployments',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: {
          'kubernetes.io/change-cause': 'kubectl create secret generic x --from-literal=password=hunter2',
        },
      },
      spec: { containers: [{ name: 'x' }] },
    },
  ],
  [
    'deployments',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: { 'kubernetes.io/change-cause': 'helm upgrade x --set auth.pw=hunter2' },
      },
      spec: { containers: [{ name: 'x' }] },
    },
  ],
  [
    'pods',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: { 'proxy.istio.io/config': 'tracing:\n  lightstep:\n    accessToken: hunter2' },
      },
      spec: { containers: [{ name: 'x' }] },
    },
  ],
  [
    'ingresses',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: {
          'nginx.ingress.kubernetes.io/configuration-snippet': 'proxy_set_header Authorization "Basic YTpodW50ZXIy";',
        },
      },
      spec: { containers: [{ name: 'x' }] },
    },
    'YTpodW50ZXIy',
  ],
  ['persistentvolumes', { spec: { mountOptions: ['username=a,password=hunter2'] } }],
  ['persistentvolumes', { spec: { mountOptions: ['pass=hunter2'] } }],
  ['persistentvolumes', { spec: { csi: { volumeAttributes: { restuserkey: 'hunter2' } } } }],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: {
        containers: [
          { name: 'x', livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: 'hunter2' }] } } },
        ],
      },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: {
        containers: [
          { name: 'x', livenessProbe: { httpGet: { httpHeaders: [{ name: 'X-Auth', value: 'hunter2' }] } } },
        ],
      },
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', livenessProbe: { httpGet: { path: '/health?token=hunter2' } } }] },
    },
  ],
  [
    'pods',
    {
      status: { containerStatuses: [{ lastState: { terminated: { message: 'config: {Password:hunter2 User:a}' } } }] },
    },
  ],
  ['events', { message: 'Error: exec failed: ["redis-cli","-a","hunter2","ping"]' }],
  ['events', { message: 'Readiness probe failed: Get "http://10.0.0.1:8080/health?token=hunter2": dial tcp' }],
]

/** ConfigMaps whose values are kept on request: what says secret, or cannot be read, is not. */
const KEPT: typeof OBJECTS = [
  [
    'configmaps',
    { metadata: { name: 'x', namespace: 'b' }, binaryData: { ks: 'cGFzc3dvcmQ9aHVudGVyMg==' } },
    'cGFzc3dvcmQ9aHVudGVyMg==',
  ],
  [
    'configmaps',
    {
      metadata: { name: 'x', namespace: 'b' },
      data: {
        k: 'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2Z0lCQURBTkJna3Foa2lHOXcwQkFRRUZBQVNDCi0tLS0tRU5EIFBSSVZBVEUgS0VZLS0tLS0K',
      },
    },
    'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2Z0lCQURBTkJna3Fo',
  ],
  ['configmaps', { metadata: { name: 'x', namespace: 'b' }, data: { DB_PASSWORD: 'hunter2' } }, 'hunter2'],
  ['configmaps', { metadata: { name: 'x', namespace: 'b' }, data: { password: 'hunter2' } }, 'hunter2'],
  [
    'configmaps',
    { metadata: { name: 'x', namespace: 'b' }, data: { 'config.xml': '<password>hunter2</password>' } },
    'hunter2',
  ],
]

describe('what is known as a secret does not come out', () => {
  for (const [line, secret = 'hunter2'] of LINES)
    it(`of a line: ${JSON.stringify(line)}`, () => {
      const { text } = redactText(line, { type: 'log' })
      expect(text).not.toContain(secret)
      expect(redactText(text, { type: 'log' }).text).toBe(text)
    })

  for (const [token, secret = token] of TOKENS)
    it(`of a line with a token: ${token}`, () => {
      expect(redactText(`x ${token} y`, { type: 'log' }).text).not.toContain(secret)
      expect(redactList('orders', [{ spec: { x: token } }]).text).not.toContain(secret)
    })

  for (const [resource, object, secret = 'hunter2'] of OBJECTS)
    it(`of ${resource}: ${JSON.stringify(object)}`, () => {
      const { items, text } = redactList(resource, [object])
      expect(text).not.toContain(secret)
      expect(redactList(resource, items).text).toBe(text)
    })

  for (const [resource, object, secret = 'hunter2'] of KEPT)
    it(`of kept ${resource}: ${JSON.stringify(object)}`, () => {
      expect(redactList(resource, [object], { configData: true }).text).not.toContain(secret)
    })

  it('of a flat selector outside of the core group', () => {
    expect(redactList('orders.example.com', [{ spec: { selector: { password: 'hunter2' } } }]).text).not.toContain(
      'hunter2',
    )
  })

  it('of a header that nginx sets, unless it is a variable', () => {
    const snippet = 'proxy_set_header X-Api-Key "hunter2"; proxy_set_header Authorization $http_authorization;'
    const annotations = { 'nginx.ingress.kubernetes.io/configuration-snippet': snippet }
    const [ingress] = redactList('ingresses.networking.k8s.io', [{ metadata: { annotations } }]).items
    expect(Object.values(ingress.metadata.annotations)[0]).toMatch(
      /^proxy_set_header X-Api-Key "<redacted:key:[0-9a-f]{16}>"; proxy_set_header Authorization \$http_authorization;$/,
    )
  })

  it('of a number: it becomes a string, and the rest stays JSON', () => {
    const [order] = redactList('orders', [{ spec: { password: 4815162342, tokens: 4815162342, pin: 12 } }]).items
    expect(order.spec).toEqual({ password: expect.stringMatching(MARKER), tokens: 4815162342, pin: 12 })
    const { text } = redactText('{"pin":1234,"total_tokens":2055}', { type: 'log' })
    expect(JSON.parse(text)).toEqual({ pin: expect.stringMatching(MARKER), total_tokens: 2055 })
  })

  it('of the command that stands in two lists, and of its values only', () => {
    const container = { command: ['/usr/bin/redis-cli'], args: ['-h', 'cache', '-a', 'hunter2', 'ping'] }
    const [pod] = redactList('pods', [{ spec: { containers: [container] } }]).items
    expect(pod.spec.containers[0].args).toEqual(['-h', 'cache', '-a', expect.stringMatching(MARKER), 'ping'])
  })

  it('of characters that are longer than a byte: all of each, or nothing', () => {
    for (const secret of ['voil\u00e0hunter2', '\u{1F6A0}hunter2', 'p\u{1F600}hunter2'])
      expect(redactText(`password=${secret} x`, { type: 'log' }).text).toMatch(
        /^password=<redacted:key:[0-9a-f]{16}> x$/,
      )
  })
})
