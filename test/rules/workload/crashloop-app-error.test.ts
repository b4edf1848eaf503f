import { describe, expect, it } from 'vitest'
import { crashloopAppError } from '../../../src/rules/workload/crashloop-app-error.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, event, pod, service, thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const web = 'shop/web-6c8f7d9b5-abcde'
const crashing = (end: Parameters<typeof crashed>[0] = {}) =>
  pod(web, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false, containers: [{ status: crashed(end) }] })

const PANIC = `${ago(63)} starting server on :8080
${ago(62)} panic: runtime error: invalid memory address or nil pointer dereference
${ago(62)} goroutine 1 [running]:
${ago(62)} main.main()
${ago(62)} \t/src/main.go:17 +0x1d
`

describe('crashloop-app-error', () => {
  it('quotes the last words and explains the exit code', async () => {
    const outcome = await evaluate(crashloopAppError, {
      objects: [crashing({ exitCode: 2 })],
      logs: { [`${web}/app.previous`]: PANIC },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('panic: runtime error')
    expect(outcome.findings[0]?.says).toContain('Exit code 2')
  })

  it.each([
    [1, 'weak'],
    [3, 'weak'],
    [137, 'weak'],
    [143, 'weak'],
    [134, 'strong'],
    [139, 'strong'],
    [0, 'strong'],
  ])('without the log says so, and believes exit code %i as far as it tells', async (exitCode, strength) => {
    const outcome = await evaluate(crashloopAppError, { objects: [crashing({ exitCode })], denied: ['logs'] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength })
    expect(outcome.findings[0]?.says).toContain('not in the bundle')
  })

  it('leaves an end for want of room to the volume, also where the last words are others', async () => {
    const words = [
      'java.io.IOException: No space left on device',
      'ERROR Shutdown broker because all log dirs have failed',
    ]
    const logs = { [`${web}/app.previous`]: words.map((line, index) => `${ago(62 - index)} ${line}\n`).join('') }
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
    const strengthWith = async (spec: Record<string, unknown>) => {
      const broker = pod(web, {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        spec,
        containers: [{ status: crashed() }],
      })
      return (await evaluate(crashloopAppError, { objects: [broker], logs })).findings[0]?.strength
    }
    expect(await strengthWith({ volumes })).toBe('weak')
    expect(await strengthWith({})).toBe('strong')
  })

  it('reads what the kubelet kept of the end where there is no log', async () => {
    const message = 'starting\nError: listen EADDRINUSE: address already in use 0.0.0.0:8080'
    const outcome = await evaluate(crashloopAppError, {
      objects: [crashing({ exitCode: 1, message })],
      denied: ['logs'],
    })
    expect(outcome.findings[0]?.says).toContain('EADDRINUSE')
  })

  it('tells of a command that ends without an error', async () => {
    const outcome = await evaluate(crashloopAppError, { objects: [crashing({ reason: 'Completed', exitCode: 0 })] })
    expect(outcome.findings[0]?.says).toContain('all is well')
  })

  it('finds a crash loop between two lives', async () => {
    const alive = { ...crashed(), ready: true, state: { running: { startedAt: ago(20) } } }
    const outcome = await evaluate(crashloopAppError, {
      objects: [pod(web, { owner: 'ReplicaSet/web-6c8f7d9b5', containers: [{ status: alive }] })],
    })
    expect(outcome.status).toBe('fired')
    const running = {
      objects: [pod(web, { containers: [{ status: alive }] })],
      logs: { [`${web}/app`]: `${ago(19)} ready to serve\n` },
    }
    expect((await evaluate(crashloopAppError, running)).findings[0]?.says).not.toContain('ready to serve')
  })

  it('is quiet about a restart of days ago, and one single one', async () => {
    const calm = (restarts: number, at: number) => ({
      ...crashed({ restarts, at }),
      ready: true,
      state: { running: { startedAt: ago(at - 5) } },
    })
    for (const status of [calm(7, 90_000), calm(1, 300)])
      expect((await evaluate(crashloopAppError, { objects: [pod(web, { containers: [{ status }] })] })).status).toBe(
        'clear',
      )
  })

  it('yields to what is more specific', async () => {
    const kill = event(
      'shop',
      `Pod/${web.split('/')[1]}`,
      'Killing',
      'Container app failed liveness probe, will be restarted',
    )
    const scenes = [
      { objects: [crashing({ reason: 'OOMKilled', exitCode: 137 })] },
      { objects: [crashing({ exitCode: 137 }), { ...kill, type: 'Normal' }] },
      { objects: [crashing({ reason: 'StartError', exitCode: 128 })] },
      {
        objects: [crashing()],
        logs: { [`${web}/app.previous`]: `${ago(62)} Error: EACCES: permission denied, open '/data/cache.db'\n` },
      },
    ]
    for (const scene of scenes) {
      const outcome = await evaluate(crashloopAppError, scene)
      expect(outcome.status).toBe('clear')
      expect(outcome.rejections).toHaveLength(1)
    }
  })

  it('tells of the failed pod of a Job, unless the Job succeeded since', async () => {
    const failed = pod('shop/load-x7k2p', {
      owner: 'Job/load',
      ready: false,
      spec: { restartPolicy: 'Never' },
      status: { phase: 'Failed' },
      containers: [
        { status: { ready: false, state: { terminated: { reason: 'Error', exitCode: 1, finishedAt: ago(120) } } } },
      ],
    })
    const job = (succeeded: number) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'load', namespace: 'shop', uid: 'uid-load' },
      status: { succeeded },
    })
    expect(subjectsOf(await evaluate(crashloopAppError, { objects: [failed, job(0)] }))).toEqual(['Job shop/load'])
    expect((await evaluate(crashloopAppError, { objects: [failed, job(1)] })).status).toBe('clear')
  })

  it('takes a Job for repeated that its CronJob has run well since, by its status or by a later Job', async () => {
    const owner = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'load', uid: 'uid-load', controller: true }]
    const failed = pod('shop/load-1-x7k2p', {
      owner: 'Job/load-1',
      ready: false,
      spec: { restartPolicy: 'Never' },
      status: { phase: 'Failed' },
      containers: [
        { status: { ready: false, state: { terminated: { reason: 'Error', exitCode: 1, finishedAt: ago(1200) } } } },
      ],
    })
    const run = (name: string, status: object) =>
      thing('batch/v1', 'Job', `shop/${name}`, { metadata: { ownerReferences: owner }, status })
    const cron = (status: object) => thing('batch/v1', 'CronJob', 'shop/load', { status })
    const complete = (seconds: number) => ({
      completionTime: ago(seconds),
      conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: ago(seconds) }],
    })
    const statusOf = async (...objects: Thing[]) =>
      (await evaluate(crashloopAppError, { objects: [failed, run('load-1', {}), ...objects] })).status
    expect(await statusOf(cron({ lastSuccessfulTime: ago(300) }))).toBe('clear')
    expect(await statusOf(cron({}), run('load-2', complete(300)))).toBe('clear')
    expect(await statusOf(cron({}), run('load-0', complete(3000)))).toBe('fired')
    expect(await statusOf(cron({ lastSuccessfulTime: ago(3000) }))).toBe('fired')
  })

  const saying = (line: string, options: { containers?: object[]; spec?: object } = {}) =>
    evaluate(crashloopAppError, {
      objects: [
        pod(web, {
          owner: 'ReplicaSet/web-6c8f7d9b5',
          ready: false,
          spec: { ...options.spec },
          containers: [{ status: crashed() }, ...(options.containers ?? [])],
        }),
      ],
      logs: { [`${web}/app.previous`]: `${ago(63)} starting\n${ago(62)} ${line}\n` },
    })

  it.each([
    ["ModuleNotFoundError: No module named 'redis'", 'lacks code'],
    ['FATAL: password authentication failed for user "app"', 'refuses its user, password or token'],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'does not trust'],
    ['error: Dirty database version 12. Fix and force version.', 'schema of its database'],
    ['level=fatal msg="license has expired"', 'licence'],
    ['required environment variable STRIPE_KEY not set', 'lacks a setting'],
  ])('tells what %s comes down to', async (line, meaning) => {
    const { findings } = await saying(line)
    expect(findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(findings[0]?.says).toContain(meaning)
  })

  it('leaves a refused connection to whoever refused it', async () => {
    expect((await saying('dial tcp 192.0.2.7:5432: connect: connection refused')).findings[0]?.strength).toBe('weak')
    const panic = 'panic: cannot start: dial tcp 192.0.2.7:5432: connect: connection refused'
    expect((await saying(panic)).findings[0]?.strength).toBe('weak')
  })

  it('finds whom a container calls at localhost in its own pod', async () => {
    const refused = 'Error: connect ECONNREFUSED 127.0.0.1:5432'
    const proxy = { name: 'cloud-sql-proxy', spec: { ports: [{ containerPort: 5432 }] } }
    const beside = await saying(refused, { containers: [proxy] })
    expect(beside.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(beside.findings[0]?.says).toContain('which cloud-sql-proxy is to answer')
    expect((await saying(refused)).findings[0]?.says).toContain('no other container is in it')
    const ofNode = await saying(refused, { spec: { hostNetwork: true } })
    expect(ofNode.findings[0]).toMatchObject({ strength: 'weak' })
    expect(ofNode.findings[0]?.says).not.toContain('its own pod')
    for (const line of [
      'connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
      "HTTPConnectionPool(host='localhost', port=5432): Max retries exceeded: [Errno 111] Connection refused",
      'dial tcp [::1]:5432: connect: connection refused',
    ])
      expect((await saying(line, { containers: [proxy] })).findings[0]?.says).toContain('which cloud-sql-proxy')
  })

  it('prefers the words of the neighbour that fails of itself', async () => {
    const proxy = { name: 'proxy', status: crashed(), spec: { ports: [{ containerPort: 5432 }] } }
    const objects = [
      pod(web, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false, containers: [{ status: crashed() }, proxy] }),
    ]
    const outcome = await evaluate(crashloopAppError, {
      objects,
      logs: {
        [`${web}/app.previous`]: `${ago(62)} Error: connect ECONNREFUSED 127.0.0.1:5432\n`,
        [`${web}/proxy.previous`]: `${ago(62)} ERROR Refresh error: Error 403: Not authorized to access resource\n`,
      },
    })
    expect(outcome.findings[0]?.says).toContain('Not authorized')
  })

  it('finds who has the port already', async () => {
    const line = 'listen tcp :8080: bind: address already in use'
    const metrics = { name: 'metrics', spec: { ports: [{ containerPort: 8080 }] } }
    expect((await saying(line, { containers: [metrics] })).findings[0]?.says).toContain(
      'The container metrics of the same pod has port 8080 too',
    )
    expect((await saying(line, { spec: { hostNetwork: true } })).findings[0]?.says).toContain('hostNetwork')
    expect((await saying(line)).findings[0]?.says).not.toContain('hostNetwork')
  })

  it('yields to memory-leak where the runtime is out of memory', async () => {
    const outcome = await saying('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space')
    expect(outcome.status).toBe('clear')
    expect(outcome.rejections[0]?.says).toContain('memory-leak')
    const threads =
      'Exception in thread "main" java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory'
    expect((await saying(threads)).findings[0]?.says).toContain('no more threads')
  })

  it('believes what it said last, not what failed before', async () => {
    const outcome = await evaluate(crashloopAppError, {
      objects: [crashing()],
      logs: {
        [`${web}/app.previous`]: `${ago(64)} ERROR push: dial tcp pushgw:9091: connect: connection refused\n${ago(62)} FATAL required setting API_TOKEN is not set\n`,
      },
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('tells of the Secret that was changed before a password was refused', async () => {
    const secret = (seconds: number) =>
      thing('v1', 'Secret', 'shop/db', {
        metadata: { managedFields: [wrote('external-secrets', seconds, { 'f:data': { 'f:password': {} } })] },
      })
    const spec = { env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] }
    const says = async (seconds: number, line = 'FATAL: password authentication failed for user "app"') => {
      const outcome = await evaluate(crashloopAppError, {
        objects: [
          pod(web, { created: 1800, ready: false, containers: [{ spec, status: crashed() }] }),
          secret(seconds),
        ],
        logs: { [`${web}/app.previous`]: `${ago(62)} ${line}\n` },
      })
      return outcome.findings[0]?.says
    }
    expect(await says(2000)).toContain('The Secret db, which it uses, was changed')
    expect(await says(300)).not.toContain('The Secret')
    expect(await says(2000, 'FATAL: no shard')).not.toContain('The Secret')
  })

  it('looks behind a lease that was lost', async () => {
    const outcome = await evaluate(crashloopAppError, {
      objects: [crashing()],
      logs: {
        [`${web}/app.previous`]: `${ago(64)} ERROR retrieving lease: Get "https://leases.example.com:443/n": context deadline exceeded\n${ago(62)} ERROR leader election lost\n`,
      },
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism' })
  })

  it('knows that an init container cannot call what starts after it', async () => {
    const objects = [
      pod(web, {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        spec: { initContainers: [{ name: 'migrate', image: 'x' }] },
        status: { phase: 'Pending', initContainerStatuses: [{ name: 'migrate', ...crashed() }] },
        containers: [{ name: 'cloud-sql-proxy', spec: { ports: [{ containerPort: 5432 }] } }],
      }),
    ]
    const logs = { [`${web}/migrate.previous`]: `${ago(62)} Error: connect ECONNREFUSED 127.0.0.1:5432\n` }
    const { findings } = await evaluate(crashloopAppError, { objects, logs })
    expect(findings[0]?.says).toContain('The init container migrate')
    expect(findings[0]?.says).toContain('starts only when all init containers have ended')
  })

  it.each([
    ['a pod of nobody that ran once is a risk', {}, [], 'risk'],
    ['one that is started again is a cause', { spec: { restartPolicy: 'Always' } }, [], 'cause'],
    ['one of a Job is a cause', { owner: 'Job/load' }, [], 'cause'],
    ['one that a Service selects is a cause', { labels: { app: 'web' } }, [service('shop/web')], 'cause'],
  ])('%s', async (_, options, others, kind) => {
    const state = { terminated: { exitCode: 1, reason: 'Error', startedAt: ago(1900), finishedAt: ago(1800) } }
    const ended = pod('shop/run-1', {
      ready: false,
      status: { phase: 'Failed' },
      containers: [{ status: { ready: false, started: false, state } }],
      ...options,
      spec: { restartPolicy: 'Never', ...('spec' in options ? options.spec : {}) },
    })
    const logs = { 'shop/run-1/app': `${ago(1801)} ERROR 2 of 40 tests failed\n` }
    const { findings } = await evaluate(crashloopAppError, { objects: [ended, ...others], logs })
    expect(findings.map((one) => one.kind)).toEqual([kind])
  })

  it.each([
    ['lies with the agent of the mesh on its node', 'node-1', 'istio-cni-node', 'mechanism'],
    ['does not lie with an agent elsewhere', 'node-2', 'istio-cni-node', 'cause'],
    ['does not lie with another agent', 'node-1', 'log-agent', 'cause'],
  ])('an init container that finds no redirection %s', async (_, node, agent, kind) => {
    const init = { name: 'istio-validation', image: 'registry.example/proxy:1' }
    const waits = pod(web, {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      ready: false,
      spec: { initContainers: [init] },
      status: { phase: 'Pending', initContainerStatuses: [{ ...init, ...crashed({ exitCode: 126 }) }] },
      containers: [{ status: { ready: false, state: { waiting: { reason: 'PodInitializing' } } } }],
    })
    const sick = pod(`mesh/${agent}-abcde`, {
      owner: `DaemonSet/${agent}`,
      node,
      ready: false,
      containers: [{ status: crashed() }],
    })
    const line = `${ago(62)} error\tiptables validation failed; workload is not ready for Istio.\n`
    const { findings } = await evaluate(crashloopAppError, {
      objects: [waits, sick],
      logs: { [`${web}/istio-validation.previous`]: line },
    })
    const own = findings.find(({ subject }) => subject.name === 'web')
    expect(own?.kind).toBe(kind)
    const cause = findings.find(({ subject }) => subject.name === agent)
    const reaches = cause?.affects?.some(({ name }) => name === 'web')
    expect(reaches).toBe(kind === 'mechanism')
  })
})
