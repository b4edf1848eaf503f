import { describe, expect, it } from 'vitest'
import { fsPermissionOrReadonly } from '../../../src/rules/workload/fs-permission-or-readonly.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const sick = (spec: Record<string, unknown> = {}, podSpec: Record<string, unknown> = {}) =>
  pod(`shop/${NAME}`, {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    ready: false,
    spec: podSpec,
    containers: [{ spec, status: crashed() }],
  })
const logs = (text: string) => ({ [`shop/${NAME}/app.previous`]: `${ago(61)} ${text}\n` })
const READ_ONLY = "OSError: [Errno 30] Read-only file system: '/app/cache'"

describe('fs-permission-or-readonly', () => {
  it('names the setting that makes the file system read only', async () => {
    const objects = [sick({ securityContext: { readOnlyRootFilesystem: true } })]
    const outcome = await evaluate(fsPermissionOrReadonly, { objects, logs: logs(READ_ONLY) })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('readOnlyRootFilesystem')
  })

  it('names the user without a group', async () => {
    const objects = [sick({}, { securityContext: { runAsUser: 1000 } })]
    const outcome = await evaluate(fsPermissionOrReadonly, {
      objects,
      logs: logs('Error: open /data/db: permission denied'),
    })
    expect(outcome.findings[0]?.says).toContain('user 1000 without fsGroup')
  })

  it('leaves to the disk what no setting makes read only', async () => {
    const outcome = await evaluate(fsPermissionOrReadonly, { objects: [sick()], logs: logs(READ_ONLY) })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('is quiet about a program that says so and goes on', async () => {
    const scene = {
      objects: [pod(`shop/${NAME}`)],
      logs: { [`shop/${NAME}/app`]: `${ago(61)} WARN open /x: permission denied\n` },
    }
    expect((await evaluate(fsPermissionOrReadonly, scene)).status).toBe('clear')
  })

  it('is quiet about a crash for another reason', async () => {
    const outcome = await evaluate(fsPermissionOrReadonly, {
      objects: [sick()],
      logs: logs('panic: index out of range'),
    })
    expect(outcome).toMatchObject({ findings: [], rejections: [] })
  })

  it('names whose volume the kubelet cannot give to the group of the pod, while a pod waits for it', async () => {
    const waiting = { ready: false, containers: [{ status: { state: { waiting: { reason: 'ContainerCreating' } } } }] }
    const of = (options: object, last = 60) =>
      evaluate(fsPermissionOrReadonly, {
        objects: [
          pod(`shop/${NAME}`, { owner: 'ReplicaSet/web-6c8f7d9b5', created: 9000, ...options }),
          event(
            'shop',
            `Pod/${NAME}`,
            'FailedMount',
            'MountVolume.SetUp failed for volume "pv-1" : applyFSGroup failed for vol vol-1: lchown /var/lib/x: operation not permitted',
            { last },
          ),
        ],
      })
    expect((await of(waiting)).findings).toMatchObject([{ strength: 'proof', subject: { name: 'web' } }])
    expect((await of({})).findings).toEqual([])
    expect((await of(waiting, 7200)).findings).toEqual([])
  })
})
