import { describe, expect, it } from 'vitest'
import { fsPermissionOrReadonly } from '../../../src/rules/workload/fs-permission-or-readonly.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod } from '../../incident/things.ts'
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
})
