import { describe, expect, it } from 'vitest'
import { memoryLeak } from '../../../src/rules/compute/memory-leak.ts'
import { podUsage, summary } from '../../incident/kubelet-answers.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod, replicaSet } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const LIMITED = { resources: { limits: { memory: '64Mi' } } }

function killedAfter(run: number, restartCount: number) {
  const terminated = { reason: 'OOMKilled', exitCode: 137, startedAt: ago(600 + run), finishedAt: ago(600) }
  return pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    created: 36_000,
    containers: [{ spec: LIMITED, status: { restartCount, lastState: { terminated } } }],
  })
}

describe('memory-leak', () => {
  it('suggests a leak when every run is as long as the last', async () => {
    const outcome = await evaluate(memoryLeak, { objects: [killedAfter(7200, 4)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'weak' })
  })

  it('tells what it holds again, as the kubelet measured it', async () => {
    const place = 'shop/web-6c8f7d9b5-abcde'
    const containers = [{ name: 'app', memory: { workingSetBytes: 48 * 1024 * 1024 } }]
    const files = summary('node-1', {}, [podUsage(place, { containers })])
    const outcome = await evaluate(memoryLeak, { objects: [killedAfter(7200, 4)], files })
    expect(outcome.findings[0]).toMatchObject({
      strength: 'weak',
      says: expect.stringContaining('it holds 48Mi of 64Mi now'),
    })
  })

  it('allows a leak in an image of yesterday, and not yet in one of the last hour', async () => {
    const generation = (name: string, revision: number, image: string, created: number) =>
      replicaSet(`shop/${name}`, 'web', revision, {
        metadata: { creationTimestamp: ago(created) },
        spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
      })
    const of = (created: number) =>
      evaluate(memoryLeak, {
        objects: [
          generation('web-5d5d5d5d5', 1, 'registry.example/web:0', 604_800),
          generation('web-6c8f7d9b5', 2, 'registry.example/web:1', created),
          killedAfter(7200, 4),
        ],
      })
    expect((await of(36_000)).findings).toHaveLength(1)
    expect(await of(1800)).toMatchObject({ findings: [], rejections: [{}] })
  })

  it('rejects a container that dies within a minute of its start', async () => {
    const outcome = await evaluate(memoryLeak, { objects: [killedAfter(60, 20)] })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })

  it('believes a runtime that says that its heap is full', async () => {
    const objects = [
      pod('shop/web-6c8f7d9b5-abcde', {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        containers: [{ status: crashed() }],
      }),
    ]
    const logs = { 'shop/web-6c8f7d9b5-abcde/app': `${ago(90)} ERROR java.lang.OutOfMemoryError: Java heap space\n` }
    const outcome = await evaluate(memoryLeak, { objects, logs })
    expect(outcome.findings[0]?.says).toContain('java.lang.OutOfMemoryError')
  })

  const crashing = (spec: Readonly<Record<string, unknown>>, line: string) => ({
    objects: [
      pod('shop/web-6c8f7d9b5-abcde', {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        containers: [{ spec, status: crashed({ exitCode: 1 }) }],
      }),
    ],
    logs: { 'shop/web-6c8f7d9b5-abcde/app.previous': `${ago(70)} starting\n${ago(62)} ${line}\n` },
  })

  it.each([
    'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'fatal error: runtime: out of memory',
    'MemoryError',
    "Unhandled exception. System.OutOfMemoryException: Exception of type 'System.OutOfMemoryException' was thrown.",
    'PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /app/x.php on line 7',
  ])('has proof where a program ends with %s', async (line) => {
    const outcome = await evaluate(memoryLeak, crashing({}, line))
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
  })

  it('tells what bounds the heap: an option, or the limit of the container', async () => {
    const line = 'java.lang.OutOfMemoryError: Java heap space'
    const limits = { resources: { limits: { memory: '2Gi' } } }
    const says = async (spec: Readonly<Record<string, unknown>>) =>
      (await evaluate(memoryLeak, crashing(spec, line))).findings[0]?.says
    expect(await says({ ...limits, env: [{ name: 'JAVA_OPTS', value: '-Xms64m -Xmx256m' }] })).toContain(
      'bounded by -Xmx256m, and its container may have 2Gi',
    )
    expect(await says({ ...limits, args: ['--max-old-space-size=256'] })).toContain('--max-old-space-size=256')
    expect(await says(limits)).toContain('sets no bound for the heap')
    expect(await says({})).toContain('has no limit')
  })

  it('leaves a limit of threads alone', async () => {
    const line = 'java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory'
    expect((await evaluate(memoryLeak, crashing({}, line))).status).toBe('clear')
  })

  it('takes it for a risk where the program was started again and is well since', async () => {
    const status = { ...crashed({ restarts: 1, at: 2400 }), ready: true, state: { running: { startedAt: ago(2390) } } }
    const outcome = await evaluate(memoryLeak, {
      objects: [pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', containers: [{ status }] })],
      logs: { 'shop/web-6c8f7d9b5-abcde/app.previous': `${ago(2401)} java.lang.OutOfMemoryError: Java heap space\n` },
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'risk', strength: 'weak' })
    expect(outcome.findings[0]?.says).toContain('last at 11:19:59')
  })
})
