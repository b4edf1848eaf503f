import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConnection } from '../../../src/sources/kube/kubeconfig.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-kubeconfig-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function write(name: string, content: object | string): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** A kubeconfig with one cluster, one user and one context, all of one name. */
function config(name: string, cluster: object = {}, user: object = {}): object {
  return {
    clusters: [{ name, cluster: { server: `https://${name}.example`, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `${name}-ns` } }],
    'current-context': name,
  }
}

test('the current context names cluster, user and namespace', async () => {
  const path = await write('config', config('shop', {}, { token: 'a' }))
  expect(await loadConnection({ kubeconfig: path, env: {} })).toMatchObject({
    context: 'shop',
    clusterName: 'shop',
    namespace: 'shop-ns',
    cluster: { server: 'https://shop.example' },
    user: { token: 'a' },
  })
})

test('--context wins over the current context, and an unknown one names those that are there', async () => {
  const one = await write('one', config('one'))
  const two = await write('two', config('two'))
  const env = { KUBECONFIG: [one, two].join(delimiter) }
  expect(await loadConnection({ context: 'two', env })).toMatchObject({ context: 'two', clusterName: 'two' })
  await expect(loadConnection({ context: 'three', env })).rejects.toMatchObject({
    code: 'CONTEXT_UNKNOWN',
    message: 'There is no context "three".',
    remedy: 'Contexts: one, two.',
  })
})

test('a file without a current context asks for one', async () => {
  const path = await write('config', { ...config('shop'), 'current-context': '' })
  await expect(loadConnection({ kubeconfig: path, env: {} })).rejects.toMatchObject({
    code: 'CONTEXT_UNKNOWN',
    remedy: 'Choose one with --context: shop.',
  })
})

test('of the files of KUBECONFIG the first to name a thing wins, whole, and a context may join things of several files', async () => {
  const first = await write('first', {
    contexts: [{ name: 'shop', context: { cluster: 'blue', user: 'ops' } }],
    users: [{ name: 'ops', user: { token: 'first' } }],
  })
  const second = await write('second', {
    clusters: [{ name: 'blue', cluster: { server: 'https://blue.example' } }],
    users: [{ name: 'ops', user: { token: 'second', username: 'not merged field by field' } }],
    contexts: [{ name: 'shop', context: { cluster: 'green', user: 'ops' } }],
    'current-context': 'shop',
  })
  const env = { KUBECONFIG: [join(folder, 'absent'), '', first, second].join(delimiter) }
  const connection = await loadConnection({ env })
  expect(connection).toMatchObject({ context: 'shop', cluster: { server: 'https://blue.example' } })
  expect(connection.user).toEqual({ token: 'first' })
})

test('without KUBECONFIG it is ~/.kube/config', async () => {
  await write('.kube/config', config('home'))
  expect(await loadConnection({ env: { HOME: folder } })).toMatchObject({ context: 'home' })
})

test('relative paths are seen from the file that they stand in', async () => {
  const cluster = { 'certificate-authority': 'ca.crt' }
  const user = {
    'client-certificate': '../certs/me.crt',
    'client-key': '/etc/me.key',
    tokenFile: 'token',
    exec: { command: './bin/login' },
  }
  const path = await write('deep/config', config('shop', cluster, user))
  const connection = await loadConnection({ kubeconfig: path, env: {} })
  expect(connection.cluster['certificate-authority']).toBe(join(folder, 'deep/ca.crt'))
  expect(connection.user).toMatchObject({
    'client-certificate': join(folder, 'certs/me.crt'),
    'client-key': '/etc/me.key',
    tokenFile: join(folder, 'deep/token'),
    exec: { command: join(folder, 'deep/bin/login') },
  })
})

test('a plugin named without a slash is left to the PATH', async () => {
  const path = await write('config', config('shop', {}, { exec: { command: 'aws' } }))
  expect((await loadConnection({ kubeconfig: path, env: {} })).user.exec?.command).toBe('aws')
})

test('YAML as kubectl writes it is read', async () => {
  const path = await write(
    'config',
    `apiVersion: v1
kind: Config
preferences: {}
current-context: shop
clusters:
- name: shop
  cluster: {server: "https://shop.example:6443", insecure-skip-tls-verify: true}
contexts:
- context: {cluster: shop, user: ""}
  name: shop
users: null
`,
  )
  expect(await loadConnection({ kubeconfig: path, env: {} })).toMatchObject({
    cluster: { server: 'https://shop.example:6443', 'insecure-skip-tls-verify': true },
    user: {},
  })
})

test('a server without a scheme is taken as kubectl takes it: TLS where the cluster has TLS settings', async () => {
  const plain = await write('plain', config('shop', { server: '10.0.0.1:8080' }))
  const tls = await write('tls', config('shop', { server: '10.0.0.1:6443', 'certificate-authority': 'ca.crt' }))
  expect((await loadConnection({ kubeconfig: plain, env: {} })).cluster.server).toBe('http://10.0.0.1:8080')
  expect((await loadConnection({ kubeconfig: tls, env: {} })).cluster.server).toBe('https://10.0.0.1:6443')
})

test.each([
  ['text that is not YAML', '{"clusters": [', 'it is not YAML'],
  ['a list', '[1, 2]', 'it is not a kubeconfig'],
  ['clusters that are no list', { clusters: { name: 'a' } }, '"clusters" is not a list'],
  ['an entry without a name', { users: [{ user: {} }] }, 'an entry of "users" has no name'],
  [
    'a cluster that is not there',
    { contexts: [{ name: 'a', context: { cluster: 'b' } }], 'current-context': 'a' },
    'context "a" names cluster "b", which has no server',
  ],
  ['a user that is not there', { ...config('a'), users: [] }, 'context "a" names user "a", which is not there'],
  ['a server that is no URL', config('a', { server: 'https://' }), 'the server "https://" of cluster "a" is not a URL'],
  [
    'a server that is a number',
    config('a', { server: 123 }),
    'in context "a", "server" of its cluster is not a string',
  ],
  ['a user that is a word', { ...config('a'), users: [{ name: 'a', user: 'ops' }] }, 'the user "a" is not a mapping'],
  ['a token that is a number', config('a', {}, { token: 123 }), 'in context "a", "token" of its user is not a string'],
  ['a plugin that is a word', config('a', {}, { exec: 'aws' }), 'in context "a", "exec" of its user is not a mapping'],
  [
    'a plugin without a command',
    config('a', {}, { exec: { args: ['eks', 'get-token'] } }),
    'in context "a", "command" of its credential plugin is not the name of a command',
  ],
  [
    'a plugin whose command is a number',
    config('a', {}, { exec: { command: 7 } }),
    'in context "a", "command" of its credential plugin is not the name of a command',
  ],
  [
    'a plugin whose arguments are one string',
    config('a', {}, { exec: { command: 'aws', args: 'eks get-token' } }),
    'in context "a", "args" of its credential plugin is not a list of strings',
  ],
  [
    'a server of another protocol',
    config('a', { server: 'ftp://a.example' }),
    'the server "ftp://a.example" of cluster "a" is not a URL',
  ],
])('%s is a clear error', async (_, content, why) => {
  const path = await write('config', content)
  await expect(loadConnection({ kubeconfig: path, env: {} })).rejects.toMatchObject({
    code: 'KUBECONFIG_INVALID',
    message: `Cannot use kubeconfig ${path}: ${why}.`,
  })
})

test('a folder in place of the file is a clear error', async () => {
  await expect(loadConnection({ kubeconfig: folder, env: {} })).rejects.toMatchObject({
    code: 'KUBECONFIG_INVALID',
    message: `Cannot use kubeconfig ${folder}: it cannot be read (EISDIR).`,
  })
})

test('no file at all says where it was looked for', async () => {
  const path = join(folder, 'absent')
  const missing = { code: 'KUBECONFIG_MISSING', message: `There is no kubeconfig: looked at ${path}.` }
  await expect(loadConnection({ kubeconfig: path, env: {} })).rejects.toMatchObject(missing)
  await expect(loadConnection({ env: { KUBECONFIG: path } })).rejects.toMatchObject(missing)
})

test('in a pod without a kubeconfig the service account is used, with its token from the file', async () => {
  const token = await write('account/token', 'a')
  await write('account/namespace', 'shop')
  const env = { HOME: folder, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }
  const connection = await loadConnection({ env, serviceAccount: join(folder, 'account') })
  expect(connection).toEqual({
    context: null,
    clusterName: 'in-cluster',
    namespace: 'shop',
    cluster: { server: 'https://[fd00::1]:6443', 'certificate-authority': join(folder, 'account/ca.crt') },
    user: { tokenFile: token },
  })
})

test('a kubeconfig that was named is not replaced by the service account', async () => {
  await write('account/token', 'a')
  const env = { HOME: folder, KUBERNETES_SERVICE_HOST: '10.0.0.1' }
  const options = { env, serviceAccount: join(folder, 'account') }
  await expect(loadConnection({ ...options, kubeconfig: join(folder, 'absent') })).rejects.toMatchObject({
    code: 'KUBECONFIG_MISSING',
  })
  await expect(loadConnection({ ...options, context: 'shop' })).rejects.toMatchObject({ code: 'KUBECONFIG_MISSING' })
})
