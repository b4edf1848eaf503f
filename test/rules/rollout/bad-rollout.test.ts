import { describe, expect, it } from 'vitest'
import { badRollout } from '../../../src/rules/rollout/bad-rollout.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, event, pod, replicaSet, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const image = (tag: string) => ({
  spec: { template: { spec: { containers: [{ name: 'app', image: `registry.example/web:${tag}` }] } } },
})
const young = (seconds: number) => ({ metadata: { creationTimestamp: ago(seconds) } })
const sets = (tags = ['1', '2'], seconds = 600): Thing[] => [
  workload('Deployment', 'shop/web', {}, 2),
  replicaSet('shop/web-7d4f8b9c6', 'web', 1, image(tags[0] ?? '')),
  replicaSet('shop/web-6c8f7d9b5', 'web', 2, {
    ...image(tags[1] ?? ''),
    ...young(seconds),
    ...{ metadata: { ...young(seconds).metadata, annotations: { 'deployment.kubernetes.io/revision': '2' } } },
  }),
]
const old = (options = {}) =>
  pod('shop/web-7d4f8b9c6-aaaaa', { owner: 'ReplicaSet/web-7d4f8b9c6', created: 86_000, ...options })
const sick = (options = {}) =>
  pod('shop/web-6c8f7d9b5-bbbbb', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    created: 590,
    ready: false,
    containers: [{ status: crashed() }],
    ...options,
  })

describe('bad-rollout', () => {
  it('says what is new in the template whose pods fail', async () => {
    const outcome = await evaluate(badRollout, { objects: [...sets(), old(), sick()] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong', from: Date.parse(ago(600)) })
    expect(outcome.findings[0]?.says).toContain('app image from registry.example/web:1 to registry.example/web:2')
  })

  it('still says so days later, when the old pods run beside it to this day', async () => {
    const outcome = await evaluate(badRollout, {
      objects: [...sets(['1', '2'], 80_000 * 3), old({ created: 800_000 }), sick({ created: 239_000 })],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })

  it.each([
    ['old pods fail alike', [...sets(), old({ ready: false, containers: [{ status: crashed() }] }), sick()]],
    ['the template is the same', [...sets(['1', '1']), old(), sick()]],
    ['new pods are well', [...sets(), old(), sick({ ready: true, containers: [{}] })]],
    ['new pods just start', [...sets(['1', '2'], 20), old(), sick({ created: 15, containers: [{}] })]],
  ])('is quiet when %s', async (_, objects) => {
    expect((await evaluate(badRollout, { objects })).findings).toEqual([])
  })

  it('is quiet where new pods wait for a failed Job by name, and has that against it where they may', async () => {
    const job = thing('batch/v1', 'Job', 'shop/migrate', {
      metadata: { creationTimestamp: ago(610) },
      spec: { template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:2' }] } } },
      status: { failed: 4 },
    })
    const withInit = async (command: readonly string[], beside: readonly Thing[]) => {
      const waits = sick({
        containers: [{ status: { ready: false, state: { waiting: { reason: 'PodInitializing' } } } }],
        spec: { initContainers: [{ name: 'before', image: 'registry.example/web:2', command }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [
            { name: 'before', ready: false, restartCount: 0, state: { running: { startedAt: ago(580) } } },
          ],
        },
      })
      return (await evaluate(badRollout, { objects: [...sets(), waits, ...beside] })).findings
    }
    const named = ['kubectl', 'wait', '--for=condition=complete', 'job/migrate']
    expect(await withInit(named, [job])).toEqual([])
    expect((await withInit(named, []))[0]?.strength).toBe('strong')
    const guessed = ['./manage.py', 'wait_for_migrations']
    expect((await withInit(guessed, [job]))[0]).toMatchObject({ strength: 'weak', against: [{}] })
  })

  it('blames a version for pods without a node only where it asks for more', async () => {
    const waiting = sick({ node: '', containers: [{ status: { state: {} } }], status: { phase: 'Pending' } })
    const evaluateWith = async (first: Record<string, unknown>) =>
      (
        await evaluate(badRollout, {
          objects: [
            ...sets().slice(0, 2),
            replicaSet('shop/web-6c8f7d9b5', 'web', 2, {
              ...young(600),
              metadata: { creationTimestamp: ago(600), annotations: { 'deployment.kubernetes.io/revision': '2' } },
              spec: {
                template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:1', ...first }] } },
              },
            }),
            old(),
            waiting,
          ],
        })
      ).findings.length
    expect(await evaluateWith({ image: 'registry.example/web:2' })).toBe(0)
    expect(await evaluateWith({ resources: { requests: { memory: '64Gi' } } })).toBe(1)
  })

  it('compares pods where the template of before is no object', async () => {
    const member = (name: string, hash: string, options: object) =>
      pod(`shop/${name}`, { owner: 'StatefulSet/db', labels: { 'controller-revision-hash': hash }, ...options })
    const db = workload('StatefulSet', 'shop/db', { status: { currentRevision: 'db-1', updateRevision: 'db-2' } }, 2)
    const outcome = await evaluate(badRollout, {
      objects: [
        db,
        member('db-0', 'db-1', {}),
        member('db-1', 'db-2', {
          created: 300,
          ready: false,
          containers: [{ image: 'registry.example/web:2', status: crashed() }],
        }),
      ],
    })
    expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/db'])
    expect(outcome.findings[0]?.says).toContain('app image from registry.example/web:1 to registry.example/web:2')
  })

  it('leaves a version alone that only stumbled at its start, and serves since', async () => {
    const stumbled = (runs: number) => ({
      ready: true,
      restartCount: 1,
      state: { running: { startedAt: ago(runs) } },
      lastState: { terminated: { exitCode: 1, reason: 'Error', startedAt: ago(runs + 7), finishedAt: ago(runs + 2) } },
    })
    const findings = async (runs: number) =>
      (
        await evaluate(badRollout, {
          objects: [...sets(), sick({ ready: true, created: runs + 10, containers: [{ status: stumbled(runs) }] })],
        })
      ).findings
    expect(await findings(580)).toEqual([])
    expect(await findings(8)).toHaveLength(1)
  })

  it('tells by the number of restarts whether a version served before it failed', async () => {
    const loop = async (seconds: number, restarts: number) =>
      evaluate(badRollout, {
        objects: [
          ...sets(['1', '2'], seconds),
          sick({ created: seconds - 10, containers: [{ status: crashed({ restarts, at: 60 }) }] }),
        ],
      })
    const late = await loop(72_000, 5)
    expect(late.findings).toEqual([])
    expect(JSON.stringify(late)).toContain('were well for')
    expect((await loop(72_000, 230)).findings).toHaveLength(1)
    expect((await loop(600, 5)).findings).toHaveLength(1)
  })

  it('compares a version with the one before it, not with the one that is about to mend it', async () => {
    const mending = replicaSet('shop/web-5c8f7d9b5', 'web', 3, {
      metadata: { creationTimestamp: ago(5), annotations: { 'deployment.kubernetes.io/revision': '3' } },
      spec: { replicas: 0, ...image('3').spec },
    })
    const outcome = await evaluate(badRollout, { objects: [...sets(), mending, sick()] })
    expect(outcome.findings[0]).toMatchObject({ from: Date.parse(ago(600)) })
    expect(outcome.findings[0]?.says).toContain('from registry.example/web:1 to registry.example/web:2')
  })

  it('gives a slow start twice the time that the version before took', async () => {
    const slow = old({
      status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(86_000 - 120) }] },
    })
    const findings = async (before: Thing, seconds: number) =>
      (
        await evaluate(badRollout, {
          objects: [...sets(['1', '2'], seconds + 5), before, sick({ created: seconds, containers: [{}] })],
        })
      ).findings.length
    expect(await findings(slow, 200)).toBe(0)
    expect(await findings(slow, 300)).toBe(1)
    expect(await findings(old(), 200)).toBe(1)
  })

  it('gives an image its time, unless a warning says that it fails', async () => {
    const pulling = (seconds: number) => [
      ...sets(['1', '2'], seconds + 5),
      old(),
      sick({
        created: seconds,
        status: { phase: 'Pending' },
        containers: [{ status: { state: { waiting: { reason: 'ContainerCreating' } } } }],
      }),
    ]
    expect((await evaluate(badRollout, { objects: pulling(120) })).findings).toEqual([])
    expect((await evaluate(badRollout, { objects: pulling(600) })).findings).toHaveLength(1)
    const failed = event('shop', 'Pod/web-6c8f7d9b5-bbbbb', 'FailedMount', 'MountVolume.SetUp failed for volume "x"')
    expect((await evaluate(badRollout, { objects: [...pulling(120), failed] })).findings).toHaveLength(1)
  })

  it('is less sure of a version whose containers are those of the one before', async () => {
    const agent = (name: string, hash: string, options: object) =>
      pod(`shop/${name}`, { owner: 'DaemonSet/agent', labels: { 'controller-revision-hash': hash }, ...options })
    const outcome = await evaluate(badRollout, {
      objects: [
        workload('DaemonSet', 'shop/agent', {}, 2),
        agent('agent-aaaaa', 'h1', { created: 86_000 }),
        agent('agent-bbbbb', 'h2', { created: 300, ready: false, containers: [{ status: crashed() }] }),
      ],
    })
    expect(outcome.findings[0]?.strength).toBe('weak')
  })

  describe('of a StatefulSet or DaemonSet, by its revisions', () => {
    const revision = (kind: string, hash: string, number: number, seconds: number, template: object) =>
      thing('apps/v1', 'ControllerRevision', `shop/db-${hash}`, {
        metadata: {
          creationTimestamp: ago(seconds),
          labels: kind === 'DaemonSet' ? { 'controller-revision-hash': hash } : {},
          ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'db', uid: 'uid-db', controller: true }],
        },
        revision: number,
        data: { spec: { template: { spec: template } } },
      })
    const runs = (value: string) => ({ containers: [{ name: 'app', env: [{ name: 'MODE', value }] }] })
    const crashes = (hash: string, kind = 'StatefulSet') =>
      pod('shop/db-0', {
        owner: `${kind}/db`,
        created: 590,
        ready: false,
        labels: { 'controller-revision-hash': hash },
        containers: [{ status: crashed() }],
      })
    const all = { currentRevision: 'db-b', updateRevision: 'db-b' }

    it('says what changed where every pod has the new template already', async () => {
      const objects = [
        workload('StatefulSet', 'shop/db', { status: all }),
        revision('StatefulSet', 'a', 1, 90_000, runs('old')),
        revision('StatefulSet', 'b', 2, 600, runs('new')),
        crashes('db-b'),
      ]
      const { findings } = await evaluate(badRollout, { objects })
      expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong', from: Date.parse(ago(600)) }])
      expect(findings[0]?.says).toContain('MODE')
    })

    it('knows the revisions of a DaemonSet by the hash alone', async () => {
      const objects = [
        workload('DaemonSet', 'shop/db'),
        revision('DaemonSet', 'a', 1, 90_000, runs('old')),
        revision('DaemonSet', 'b', 2, 600, runs('new')),
        crashes('b', 'DaemonSet'),
      ]
      expect((await evaluate(badRollout, { objects })).findings[0]?.says).toContain('MODE')
    })

    it.each([
      ['the template is as it was', 600, 'old'],
      ['the rollout was days ago', 300_000, 'new'],
    ])('is quiet where %s', async (_, seconds, value) => {
      const objects = [
        workload('StatefulSet', 'shop/db', { status: all }),
        revision('StatefulSet', 'a', 1, 900_000, runs('old')),
        revision('StatefulSet', 'b', 2, seconds, runs(value)),
        crashes('db-b'),
      ]
      expect((await evaluate(badRollout, { objects })).findings).toEqual([])
    })
  })

  it('has nothing to say of a rollout that is well, of a Deployment without pods, and of what has no generations', async () => {
    const job = pod('shop/import-abcde', {
      owner: 'Job/import',
      labels: { 'controller-revision-hash': 'x' },
      ready: false,
      created: 300,
      containers: [{ status: crashed() }],
    })
    const objects = [...sets(), old(), sick({ ready: true, containers: [{}] }), workload('Deployment', 'shop/api'), job]
    expect(await evaluate(badRollout, { objects })).toMatchObject({ findings: [], rejections: [] })
  })

  it('is quiet when only a container fails that a webhook added, and not when what changed may be behind it', async () => {
    const proxied = (app: boolean) =>
      sick({
        containers: [
          { status: { ready: app } },
          { name: 'linkerd-proxy', image: 'registry.example/proxy:1', status: { ready: false } },
        ],
      })
    const outcome = await evaluate(badRollout, { objects: [...sets(), old(), proxied(true)] })
    expect(outcome).toMatchObject({ findings: [], rejections: [{ says: expect.stringContaining('linkerd-proxy') }] })
    expect((await evaluate(badRollout, { objects: [...sets(), old(), proxied(false)] })).findings).toHaveLength(1)
    const [deployment, before, after] = sets() as [Thing, Thing, Thing]
    const annotated = thing('apps/v1', 'ReplicaSet', 'shop/web-6c8f7d9b5', {
      ...after,
      spec: {
        ...(after.spec as object),
        template: {
          metadata: { annotations: { 'config.linkerd.io/proxy-cpu-limit': '1m' } },
          ...(after.spec as { template: object }).template,
        },
      },
    })
    const { findings } = await evaluate(badRollout, { objects: [deployment, before, annotated, old(), proxied(true)] })
    expect(findings).toHaveLength(1)
  })
})
