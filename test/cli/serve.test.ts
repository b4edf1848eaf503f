import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { README } from '../../src/bundle/readme.ts'
import { type RunOptions, runCli, transcript } from './run.ts'

const BUNDLE = new URL('../../fixtures/incidents/crash-loop-after-config-change/bundle.tar.gz', import.meta.url)
  .pathname
const PROGRAM = new URL('../../bin/freezeframe.js', import.meta.url).pathname

/** Where everything temporary goes: what is left there at the end was not removed. */
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-serve-'))
})
afterEach(async () => {
  expect((await readdir(folder)).filter((name) => name.startsWith('freezeframe-'))).toEqual([])
  await rm(folder, { recursive: true })
})

/** Serves the bundle with a folder of its own for what is temporary. */
function serve(args: readonly string[], options: RunOptions = {}) {
  return runCli(['serve', ...args], { cwd: folder, ...options, env: { TMPDIR: folder, ...options.env } })
}

/** A program that is Node with this script. */
function node(script: string): string[] {
  return ['--', process.execPath, '--input-type=module', '-e', script]
}

/** Asks the API server of KUBECONFIG for a path, with its authority and token, as kubectl would. */
const ASK = `
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
const config = readFileSync(process.env.KUBECONFIG, 'utf8')
const field = (name) => new RegExp(name + ': "?([^"\\\\s]+)').exec(config)[1]
export const ask = (path, token = field('token'), accept = 'application/json') => new Promise((resolve, reject) => {
  const ca = Buffer.from(field('certificate-authority-data'), 'base64')
  request(field('server') + path, { ca, headers: { accept, authorization: 'Bearer ' + token } }, async (response) => {
    let body = ''
    for await (const chunk of response) body += chunk
    resolve({ ...JSON.parse(body), status: response.statusCode })
  }).on('error', reject).end()
})
`

describe('serve --cache', () => {
  it('keeps an index beside the bundle and answers from it the next time', async () => {
    const bundle = join(folder, 'b.tar.gz')
    await copyFile(BUNDLE, bundle)
    const count = node(`${ASK}
console.log((await ask('/api/v1/pods')).items.length)`)
    const first = await serve([bundle, '--cache', ...count])
    expect((await stat(`${bundle}.index`)).mode & 0o777).toBe(0o600)
    const second = await serve([bundle, '--cache', ...count])
    expect(Number(first.stdout)).toBeGreaterThan(0)
    expect(second).toEqual(first)
  })

  it('has no place for an index of what came through a pipe', async () => {
    const seen = await serve(['-', '--cache'])
    expect(seen).toMatchObject({ code: 2, stderr: expect.stringContaining('--cache') })
  })
})

describe('serve, with a program', () => {
  it('gives it a kubeconfig that leads to the captured cluster, and ends with its exit code', async () => {
    const script = `${ASK}
      const { items } = await ask('/api/v1/namespaces')
      const { status } = await ask('/api/v1/namespaces', 'guessed')
      console.log(items.map((one) => one.metadata.name).join(' '), status)
      process.exit(7)`
    const seen = await serve([BUNDLE, ...node(script)])
    expect({ ...seen, stdout: seen.stdout.toString() }).toEqual({
      code: 7,
      stdout: 'data default kube-node-lease kube-public kube-system ops shop storefront 401\n',
      stderr: '',
    })
  })

  it('lets nobody else read the kubeconfig, and leaves the one that is set alone', async () => {
    const mine = join(folder, 'mine')
    await writeFile(mine, 'precious')
    const script = `
      import { statSync } from 'node:fs'
      import { dirname } from 'node:path'
      const mode = (path) => (statSync(path).mode & 0o777).toString(8)
      console.log(mode(process.env.KUBECONFIG), mode(dirname(process.env.KUBECONFIG)))`
    const seen = await serve([BUNDLE, ...node(script)], { env: { KUBECONFIG: mine } })
    expect(seen.stdout.toString()).toBe('600 700\n')
    expect(await readFile(mine, 'utf8')).toBe('precious')
  })

  it('names the context after the cluster and the moment of the capture', async () => {
    const seen = await serve([BUNDLE, '--', 'sh', '-c', 'cat "$KUBECONFIG"'])
    const config = seen.stdout.toString().replace(/(token: |authority-data: )\S+/g, '$1SECRET')
    await expect(
      transcript(['serve', 'BUNDLE', '--', 'cat', '$KUBECONFIG'], { ...seen, stdout: Buffer.from(config) }),
    ).toMatchFileSnapshot('snapshots/serve-kubeconfig.txt')
  })

  it('reads a bundle from standard input', async () => {
    const script = `${ASK}
      console.log((await ask('/version')).gitVersion)`
    const seen = await serve(['-', ...node(script)], { stdin: BUNDLE })
    expect({ code: seen.code, stdout: seen.stdout.toString() }).toEqual({ code: 0, stdout: 'v1.34.4\n' })
  })

  it('ends with 128 and the signal that ended the program', async () => {
    expect(await serve([BUNDLE, ...node("process.kill(process.pid, 'SIGKILL')")])).toMatchObject({ code: 137 })
  })

  it('ends with 127 where there is no such program, and 126 where it cannot be run', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await chmod(file, 0o644)
    const missing = await serve([BUNDLE, '--', 'kubectI'])
    expect(missing).toMatchObject({ code: 127, stderr: 'error: Cannot start "kubectI": there is no such program.\n' })
    expect(await serve([BUNDLE, '--', file])).toMatchObject({ code: 126 })
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('hands %s to it, and ends after it', async (signal) => {
    const script = `
      process.on('${signal}', () => setTimeout(() => { console.log('told'); process.exit(5) }, 100))
      setInterval(() => {}, 1000)
      console.log('ready')`
    const seen = await serve([BUNDLE, ...node(script)], { kill: { text: 'ready', signals: [signal] } })
    expect({ code: seen.code, stdout: seen.stdout.toString() }).toEqual({ code: 5, stdout: 'ready\ntold\n' })
  })

  it('says before it what is missing, so that nobody takes absence for health', async () => {
    const cut = join(folder, 'cut.partial.tar.gz')
    const whole = await readFile(BUNDLE)
    await writeFile(cut, whole.subarray(0, whole.length - 100_000))
    const seen = await serve([cut, ...node("console.log('program')")])
    expect(seen).toMatchObject({ code: 0, stderr: expect.stringContaining('Partial capture') })
    expect(seen.stderr).toContain('The bundle is not whole')
    expect(seen.stderr).toMatch(/\nThe time of the capture, \S+ to \S+Z, is estimated: its manifest is lost\.\n/)
  })

  it('shows ages of a bundle whose manifest is lost, and says that its times are estimates', async () => {
    const cut = join(folder, 'cut.partial.tar.gz')
    const whole = await readFile(BUNDLE)
    await writeFile(cut, whole.subarray(0, whole.length - 100_000))
    const script = `${ASK}
      const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
      const { rows } = await ask('/api/v1/namespaces/shop/pods', undefined, table)
      console.log(rows.map(({ cells }) => cells[4]).join(' '))`
    const seen = await serve([cut, ...node(script)])
    expect(seen.stdout.toString()).toMatch(/^(\d+[smhd]+ ?)+\n$/)
    const late = await serve([cut, '--at', '2100-01-01T00:00:00Z', ...node('')])
    expect(late).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('which is estimated, because the bundle lost'),
    })
  })
})

it('serve knows no time of a bundle without manifest, name and changes, and shows none', async () => {
  const lost = join(folder, 'lost')
  await mkdir(join(lost, 'cluster/core/v1/pods/_all'), { recursive: true })
  await writeFile(join(lost, 'README.txt'), README)
  await writeFile(join(lost, 'cluster/core/v1/pods/_all/0001.json'), '{"kind":"PodList","apiVersion":"v1","items":[]}')
  const seen = await serve([lost], { kill: { text: 'export KUBECONFIG', signals: ['SIGTERM'] } })
  expect(seen.stderr).toMatch(/^unknown as of a time that is not known, read-only/)
  expect(seen.stderr).toContain('When it was captured is not known, and ages are meaningless: its manifest is lost.')
  const refused = await serve([lost, '--at', '2026-01-31T23:59:59Z', ...node('')])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('its manifest, and with it all times.') })
})

describe('serve, where nothing temporary can be made,', () => {
  const remedy = 'Choose a folder that you may write to, with --tmp-dir or TMPDIR.'
  it.each<[string, string[], Record<string, string>]>([
    ['says so of --tmp-dir', ['--tmp-dir', '/nonexistent'], {}],
    ['says so of TMPDIR', [], { TMPDIR: '/nonexistent' }],
  ])('%s, and what to do', async (_, args, env) => {
    expect(await serve([BUNDLE, ...args, ...node('')], { env })).toMatchObject({
      code: 2,
      stderr: `error: Cannot make a temporary folder in /nonexistent (ENOENT).\n${remedy}\n`,
    })
  })
})

describe('serve, alone', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'prints one line to paste, serves until %s and exits 0',
    async (signal) => {
      const seen = await serve([BUNDLE], { kill: { text: 'export KUBECONFIG', signals: [signal] } })
      expect(seen.code).toBe(0)
      expect(seen.stdout.toString()).toMatch(/^export KUBECONFIG=\S+\/kubeconfig\n$/)
      const stdout = Buffer.from(seen.stdout.toString().replace(/freezeframe-\w+\//, 'freezeframe-RANDOM/'))
      const stderr = seen.stderr.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/, 'MOMENT')
      await expect(transcript(['serve', 'BUNDLE'], { ...seen, stdout, stderr }, folder)).toMatchFileSnapshot(
        'snapshots/serve.txt',
      )
    },
  )

  it('quotes a path that a shell would split', async () => {
    const seen = await serve([BUNDLE, '--kubeconfig-out', `${folder}/it's mine`], {
      kill: { text: 'export KUBECONFIG', signals: ['SIGTERM'] },
    })
    const echoed = spawnSync('sh', ['-c', `${seen.stdout}echo "$KUBECONFIG"`], { encoding: 'utf8' })
    expect(echoed.stdout).toBe(`${folder}/it's mine\n`)
  })

  it('writes the kubeconfig where it is asked to, never over a file, and removes it', async () => {
    await writeFile(join(folder, 'config'), 'precious')
    const refused = await serve([BUNDLE, '--kubeconfig-out', 'config'])
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('config: it exists.') })
    expect(await readFile(join(folder, 'config'), 'utf8')).toBe('precious')

    const script = "import { statSync } from 'node:fs'; console.log((statSync('mine').mode & 0o777).toString(8))"
    const seen = await serve([BUNDLE, '--kubeconfig-out', 'mine', ...node(script)])
    expect(seen.stdout.toString()).toBe('600\n')
    await expect(stat(join(folder, 'mine'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses a port that is taken, and leaves nothing behind', async () => {
    const script = `
      import { spawnSync } from 'node:child_process'
      import { readFileSync } from 'node:fs'
      const port = /127\\.0\\.0\\.1:(\\d+)/.exec(readFileSync(process.env.KUBECONFIG, 'utf8'))[1]
      const second = spawnSync(process.execPath, ['${PROGRAM}', 'serve', '${BUNDLE}', '--port', port], { encoding: 'utf8' })
      console.log(second.status, second.stderr.includes('EADDRINUSE'))`
    expect((await serve([BUNDLE, ...node(script)])).stdout.toString()).toBe('2 true\n')
  })
})

describe('serve, another moment', () => {
  it('of a duration before the end of the capture: says what it is rebuilt from, and serves it', async () => {
    const script = `${ASK}
      const { items } = await ask('/api/v1/pods?labelSelector=app%3Dpayments')
      console.log(items.length)`
    const seen = await serve([BUNDLE, '--at', '2s', ...node(script)])
    expect({ code: seen.code, stdout: seen.stdout.toString() }).toEqual({ code: 0, stdout: '4\n' })
    expect(seen.stderr).toMatch(/^The state at \S+Z is rebuilt from the lists of /)
  })

  it('after the capture is refused, with the moments that can be shown', async () => {
    const seen = await serve([BUNDLE, '--at', '2100-01-01T00:00:00Z', ...node('')])
    expect(seen).toMatchObject({ code: 2, stderr: expect.stringContaining('Give --at a time from ') })
  })

  it('or what changed since, as fast as it happened unless told otherwise', async () => {
    expect(await serve([BUNDLE, '--replay-changes', ...node('')])).toMatchObject({ code: 0 })
    expect(await serve([BUNDLE, '--replay-changes', '10x', ...node('')])).toMatchObject({ code: 0 })
    expect(await serve([BUNDLE, '--replay-changes', '--at', '2s', ...node('')])).toMatchObject({ code: 2 })
  })
})

const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find((one) => !one.internal && one.family === 'IPv4')?.address

it.skipIf(elsewhere === undefined)('serve warns who can look where others can, and answers them over TLS', async () => {
  const script = `${ASK}
    console.log((await ask('/version')).gitVersion)`
  const seen = await serve([BUNDLE, '--address', elsewhere ?? '', ...node(script)])
  expect({ code: seen.code, stdout: seen.stdout.toString() }).toEqual({ code: 0, stdout: 'v1.34.4\n' })
  expect(seen.stderr).toBe(`WARNING: who reaches ${elsewhere} and has the token can read all of it.\n`)
})

/** util-linux's script(1) gives a program a terminal of its own. */
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux')

describe.skipIf(!hasScript)('serve, on a terminal', () => {
  /** Runs freezeframe there, and types once the screen shows something. */
  async function onTerminal(
    args: string,
    typed: readonly (readonly [shown: string, keys: string])[],
    env: Readonly<Record<string, string>> = {},
  ) {
    const child = spawn(
      'script',
      ['-qefc', `exec ${process.execPath} ${PROGRAM} serve ${BUNDLE} ${args}`, '/dev/null'],
      {
        cwd: folder,
        env: { PATH: process.env.PATH, TERM: 'xterm', HOME: folder, TMPDIR: folder, ...env },
      },
    )
    let screen = ''
    const left = [...typed]
    child.stdout.on('data', (chunk) => {
      screen += chunk
      const next = left[0]
      if (!next || !screen.includes(next[0])) return
      left.shift()
      child.stdin.write(next[1])
    })
    const [code] = await once(child, 'close')
    return { code, screen }
  }

  it('Ctrl-C reaches a program once, and what it does with it is its own affair', async () => {
    const script = join(folder, 'program.sh')
    await writeFile(script, 'trap "echo interrupted; exit 5" INT\necho ready\nwhile :; do sleep 0.1; done\n')
    const { code, screen } = await onTerminal(`-- sh ${script}`, [['ready', '\x03']])
    expect(code).toBe(5)
    expect(screen.match(/interrupted/g)).toHaveLength(1)
  })

  it('--shell marks the prompt of bash with cluster and time, after what the user set', async () => {
    await writeFile(join(folder, '.bashrc'), "PS1='mine> '\nexport KUBECONFIG=/production\n")
    const { code, screen } = await onTerminal('--shell', [['mine> ', 'echo "config $KUBECONFIG"; exit 3\n']], {
      SHELL: 'bash',
    })
    expect(code).toBe(3)
    expect(screen).toMatch(/\[orchard \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\] mine> /)
    expect(screen).toMatch(/config \S+\/freezeframe-\w+\/kubeconfig/)
  })

  it('--shell opens any other shell with a prompt of its own', async () => {
    const { code, screen } = await onTerminal('--shell', [['Z] $ ', 'exit 4\n']], { SHELL: '/bin/sh' })
    expect({ code, marked: screen.includes('[orchard ') }).toEqual({ code: 4, marked: true })
  })
})
