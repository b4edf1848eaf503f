import { writeFileSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createCredentials } from '../../../src/sources/kube/credentials.ts'
import { connectTo, get, makeFolder, sendJson, sendStatus, serve } from './server.ts'

/** A server that knows these tokens; of each request it tells the Authorization header. */
function serveTokens(known: string[]) {
  return serve((request, response) => {
    const authorization = request.headers.authorization ?? 'none'
    if (known.includes(authorization)) sendJson(response, 200, { authorization })
    else sendStatus(response, 401, 'Unauthorized', 'Unauthorized')
  })
}

/** A plugin: a shell script that notes each run and what it was told, then does what `script` says ($run is the number of the run). */
async function makePlugin(script: string) {
  const folder = await makeFolder()
  const command = join(folder, 'login')
  const runs = join(folder, 'runs')
  const note = `echo "$KUBERNETES_EXEC_INFO $FLAVOUR $*" >> "${runs}"; run=$(wc -l < "${runs}" | tr -d ' ')`
  await writeFile(command, `#!/bin/sh\n${note}\n${script}\n`)
  await chmod(command, 0o755)
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' }
  return { command, exec, runs: async () => (await readFile(runs, 'utf8')).trim().split('\n') }
}

function printCredential(status: string): string {
  return `echo '{"kind":"ExecCredential","status":'"${status.replaceAll('"', '\\"')}"'}'`
}

const PATH = { PATH: process.env.PATH }

test('a token of the kubeconfig is sent as a bearer token, without the line end that an editor left', async () => {
  const { url } = await serveTokens(['Bearer abc'])
  const kube = await connectTo({ server: url }, { token: 'abc\n' })
  expect((await kube.get('/version', get())).status).toBe(200)
})

test('user name and password are sent as basic credentials', async () => {
  const { url } = await serveTokens([`Basic ${btoa('ops:se:cret')}`])
  const kube = await connectTo({ server: url }, { username: 'ops', password: 'se:cret' })
  expect((await kube.get('/version', get())).status).toBe(200)
})

test('a token that was refused cannot be renewed: one request, and a sentence that says whose it was', async () => {
  const { url, requests } = await serveTokens([])
  const kube = await connectTo({ server: url }, { token: 'secret' })
  await expect(kube.get('/version', get())).rejects.toMatchObject({
    code: 'CREDENTIALS_INVALID',
    message: `${new URL(url).host} does not accept the credentials of context "test" (401).`,
    remedy: 'Log in again, or choose another context with --context.',
  })
  expect(requests).toHaveLength(1)
})

test('a plugin runs once for many requests at the same time', async () => {
  const { url, requests } = await serveTokens(['Bearer one'])
  const plugin = await makePlugin(`sleep 0.2; ${printCredential('{"token":"one"}')}`)
  const kube = await connectTo({ server: url }, { exec: plugin.exec }, { env: PATH })
  await Promise.all(Array.from({ length: 50 }, () => kube.get('/version', get())))
  expect(requests).toHaveLength(50)
  expect(await plugin.runs()).toHaveLength(1)
})

test('a plugin that is to be told of an authority which is not there is a mistake in the kubeconfig', async () => {
  const plugin = await makePlugin(printCredential('{"token":"one"}'))
  const cluster = { server: 'https://127.0.0.1:1', 'certificate-authority': '/nonexistent/ca.crt' }
  const kube = await connectTo(cluster, { exec: { ...plugin.exec, provideClusterInfo: true } }, { env: PATH })
  await expect(kube.get('/version', get())).rejects.toMatchObject({
    code: 'KUBECONFIG_INVALID',
    message: 'Cannot read /nonexistent/ca.crt, which the kubeconfig names.',
  })
})

test('a plugin whose new token is refused too is not run for every request of the rest', async () => {
  const { url, requests } = await serveTokens([])
  const plugin = await makePlugin(printCredential('{"token":"stranger"}'))
  const kube = await connectTo({ server: url }, { exec: plugin.exec }, { env: PATH })
  for (let n = 0; n < 3; n++)
    await expect(kube.get('/version', get())).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' })
  expect(await plugin.runs()).toHaveLength(2)
  expect(requests).toHaveLength(4)
})

test('a plugin is told what it is asked for, with its own arguments and environment', async () => {
  const { url } = await serveTokens(['Bearer one'])
  const plugin = await makePlugin(printCredential('{"token":"one"}'))
  const exec = {
    ...plugin.exec,
    args: ['get-token', '--cluster', 'shop'],
    env: [{ name: 'FLAVOUR', value: 'sweet' }],
    provideClusterInfo: true,
  }
  const folder = await makeFolder()
  await writeFile(join(folder, 'ca.crt'), 'PEM')
  const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'shop' } }]
  const cluster = { server: url, 'certificate-authority': join(folder, 'ca.crt'), extensions }
  const kube = await connectTo(cluster, { exec }, { env: PATH })
  await kube.get('/version', get())
  const [run = ''] = await plugin.runs()
  const end = run.lastIndexOf('}') + 1
  expect(JSON.parse(run.slice(0, end))).toEqual({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: { server: url, 'certificate-authority-data': btoa('PEM'), config: { audience: 'shop' } },
    },
  })
  expect(run.slice(end)).toBe(' sweet get-token --cluster shop')
})

/** Lets `Date` stand still, to be moved by hand; timers run on. */
function holdClock(): (milliseconds: number) => void {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  return (milliseconds) => vi.setSystemTime(Date.now() + milliseconds)
}

test('a credential is renewed a minute before it expires, once for all who ask', async () => {
  const pass = holdClock()
  const expires = new Date(Date.now() + 900_000).toISOString()
  const plugin = await makePlugin(`echo '{"status":{"token":"'$run'","expirationTimestamp":"${expires}"}}'`)
  const credentials = createCredentials(describeConnection({ exec: plugin.exec }), PATH)
  const first = await credentials.get()
  pass(839_000)
  expect(await credentials.get()).toBe(first)
  pass(2_000)
  const renewed = await Promise.all(Array.from({ length: 10 }, () => credentials.get()))
  expect(renewed.map((credential) => credential.authorization)).toEqual(Array(10).fill('Bearer 2'))
})

test('when the renewal fails, the credential at hand serves on until the server refuses it', async () => {
  const pass = holdClock()
  const expires = new Date(Date.now() + 900_000).toISOString()
  const plugin = await makePlugin(
    `[ $run = 1 ] || exit 1; echo '{"status":{"token":"one","expirationTimestamp":"${expires}"}}'`,
  )
  const credentials = createCredentials(describeConnection({ exec: plugin.exec }), PATH)
  await credentials.get()
  pass(850_000)
  const kept = await credentials.get()
  expect(kept.authorization).toBe('Bearer one')
  expect(await credentials.get()).toBe(kept)
  expect(credentials.refused(kept, false)).toBe(true)
  await expect(credentials.get()).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' })
})

test('a token file is read again after a minute', async () => {
  const pass = holdClock()
  const tokenFile = join(await makeFolder(), 'token')
  await writeFile(tokenFile, 'one')
  const credentials = createCredentials(describeConnection({ tokenFile }), {})
  await credentials.get()
  await writeFile(tokenFile, 'two')
  expect(await credentials.get()).toMatchObject({ authorization: 'Bearer one' })
  pass(60_000)
  expect(await credentials.get()).toMatchObject({ authorization: 'Bearer two' })
})

test.each([
  ['90 seconds', 90_000, 45_000],
  ['the past, because the clocks differ,', -60_000, 5_000],
])('a credential with a life of %s is not asked for with every request', async (_, life, renewal) => {
  holdClock()
  const expires = new Date(Date.now() + life).toISOString()
  const plugin = await makePlugin(printCredential(`{"token":"one","expirationTimestamp":"${expires}"}`))
  const credentials = createCredentials(describeConnection({ exec: plugin.exec }), PATH)
  expect(await credentials.get()).toMatchObject({ renewAt: Date.now() + renewal })
  await credentials.get()
  expect(await plugin.runs()).toHaveLength(1)
})

function describeConnection(user: object) {
  return { context: 'test', clusterName: 'test', namespace: undefined, cluster: { server: 'http://127.0.0.1:1' }, user }
}

test('a 401 runs the plugin once more for all requests that saw it, and the new token is used', async () => {
  const { url } = await serveTokens(['Bearer 2'])
  const plugin = await makePlugin(`sleep 0.1; echo '{"status":{"token":"'$run'"}}'`)
  const kube = await connectTo({ server: url }, { exec: plugin.exec }, { env: PATH })
  const answers = await Promise.all(Array.from({ length: 20 }, () => kube.get('/version', get())))
  expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200))
  expect(await plugin.runs()).toHaveLength(2)
})

test('a 401 to the new token too is the end', async () => {
  const { url, requests } = await serveTokens([])
  const plugin = await makePlugin(printCredential('{"token":"one"}'))
  const kube = await connectTo({ server: url }, { exec: plugin.exec }, { env: PATH })
  await expect(kube.get('/version', get())).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' })
  expect(requests).toHaveLength(2)
  expect(await plugin.runs()).toHaveLength(2)
})

test.each([
  ['ends with a failure', 'exit 3', 'ended with exit code 3'],
  ['is killed', 'kill -9 $$', 'was ended by SIGKILL'],
  ['prints no JSON', 'echo token: hunter2', 'printed something that is not an ExecCredential'],
  ['prints null', 'echo null', 'printed something that is not an ExecCredential'],
  ['gives nothing', printCredential('{}'), 'gave neither a token nor a certificate with its key'],
  [
    'gives a certificate without its key',
    printCredential('{"clientCertificateData":"PEM"}'),
    'gave neither a token nor a certificate with its key',
  ],
])('a plugin that %s is a clear error that quotes no secret', async (_, script, what) => {
  const plugin = await makePlugin(script)
  const kube = await connectTo({ server: 'http://127.0.0.1:1' }, { exec: plugin.exec }, { env: PATH })
  const error = await kube.get('/version', get()).catch((error) => error)
  expect(error).toMatchObject({
    name: 'FreezeframeError',
    code: 'CREDENTIALS_INVALID',
    message: `The credential plugin "${plugin.command}" ${what}.`,
    remedy: 'Run the plugin by hand, or log in again.',
  })
  expect(String(error.cause)).not.toContain('hunter2')
})

test('a plugin that is not installed says so, with the hint of the kubeconfig', async () => {
  const exec = { command: 'no-such-plugin', installHint: 'Install it with: get no-such-plugin\n' }
  const kube = await connectTo({ server: 'http://127.0.0.1:1' }, { exec }, { env: PATH })
  await expect(kube.get('/version', get())).rejects.toMatchObject({
    code: 'CREDENTIALS_INVALID',
    message: 'The credential plugin "no-such-plugin" was not found.',
    remedy: 'Install it with: get no-such-plugin',
  })
})

test('a plugin that always needs a terminal is not run without one', async () => {
  const plugin = await makePlugin('exit 0')
  const exec = { ...plugin.exec, interactiveMode: 'Always' }
  const kube = await connectTo({ server: 'http://127.0.0.1:1' }, { exec }, { env: PATH })
  await expect(kube.get('/version', get())).rejects.toMatchObject({
    message: `The credential plugin "${plugin.command}" needs a terminal.`,
  })
})

test('the end of a request does not wait for a plugin that hangs, and closing ends the plugin', async () => {
  const pidFile = join(await makeFolder(), 'pid')
  const plugin = await makePlugin(`echo $$ > ${pidFile}; exec sleep 60`)
  const kube = await connectTo({ server: 'http://127.0.0.1:1' }, { exec: plugin.exec }, { env: PATH })
  const controller = new AbortController()
  const asked = kube.get('/version', { ...get(), signal: controller.signal })
  const pid = await vi.waitFor(async () => Number(await readFile(pidFile, 'utf8')) || Promise.reject())
  controller.abort(new Error('interrupted'))
  await expect(asked).rejects.toThrow('interrupted')
  const waiting = kube.get('/version', get())
  await Promise.all([kube.close(), expect(waiting).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' })])
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'))
})

test('a login may take longer than a request', async () => {
  const { url } = await serveTokens(['Bearer one'])
  const plugin = await makePlugin(`sleep 0.5; ${printCredential('{"token":"one"}')}`)
  const kube = await connectTo({ server: url }, { exec: plugin.exec }, { env: PATH })
  expect((await kube.get('/version', { ...get(), timeout: 200 })).status).toBe(200)
})

test('a token file is read again after a 401', async () => {
  const tokenFile = join(await makeFolder(), 'token')
  await writeFile(tokenFile, 'old\n')
  const { url, requests } = await serve((request, response) => {
    if (request.headers.authorization === 'Bearer new') return sendJson(response, 200, {})
    writeFileSync(tokenFile, 'new\n')
    sendStatus(response, 401, 'Unauthorized', 'Unauthorized')
  })
  const kube = await connectTo({ server: url }, { tokenFile })
  expect((await kube.get('/version', get())).status).toBe(200)
  expect(requests).toHaveLength(2)
})

test('a token file wins over a token', async () => {
  const tokenFile = join(await makeFolder(), 'token')
  await writeFile(tokenFile, 'file')
  const credential = await createCredentials(describeConnection({ tokenFile, token: 'fixed' }), {}).get()
  expect(credential.authorization).toBe('Bearer file')
})

test('a token wins over a plugin, as with kubectl', async () => {
  const exec = { command: 'no-such-plugin' }
  const credential = await createCredentials(describeConnection({ exec, token: 'fixed' }), {}).get()
  expect(credential).toEqual({ authorization: 'Bearer fixed' })
})

test('a token file that is not there is a clear error', async () => {
  const tokenFile = join(await makeFolder(), 'token')
  const kube = await connectTo({ server: 'http://127.0.0.1:1' }, { tokenFile })
  await expect(kube.get('/version', get())).rejects.toMatchObject({
    code: 'CREDENTIALS_INVALID',
    message: `Cannot read the token file ${tokenFile}.`,
  })
})

test('data in the kubeconfig wins over a file, and goes with a token file', async () => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'token'), 'file')
  const user = {
    tokenFile: join(folder, 'token'),
    'client-certificate': join(folder, 'absent.crt'),
    'client-certificate-data': btoa('CERT'),
    'client-key-data': btoa('KEY'),
  }
  const credential = await createCredentials(describeConnection(user), {}).get()
  expect(credential).toMatchObject({ authorization: 'Bearer file', cert: 'CERT', key: 'KEY' })
})

test('a certificate file that is not there is a clear error', async () => {
  const path = join(await makeFolder(), 'me.crt')
  const kube = await connectTo({ server: 'http://127.0.0.1:1' }, { 'client-certificate': path })
  await expect(kube.get('/version', get())).rejects.toMatchObject({
    code: 'KUBECONFIG_INVALID',
    message: `Cannot read ${path}, which the kubeconfig names.`,
  })
})

test('a token that no header may hold is an error that does not show it', async () => {
  const { url } = await serveTokens([])
  const kube = await connectTo({ server: url }, { token: 'hun\nter2' })
  const error = await kube.get('/version', get()).catch((error) => error)
  expect(error).toMatchObject({
    code: 'CREDENTIALS_INVALID',
    message: 'The token of context "test" has characters that no header may have.',
  })
  expect(String(error.cause)).not.toContain('ter2')
})
