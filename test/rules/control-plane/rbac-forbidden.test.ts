import { describe, expect, it } from 'vitest'
import { rbacForbidden } from '../../../src/rules/control-plane/rbac-forbidden.ts'
import type { Thing } from '../../incident/scene.ts'
import { pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const LINE =
  '2026-02-01T11:58:00Z E0201 11:58:00 reflector.go:158] "Unhandled Error" err="failed to list *v1.ConfigMap: configmaps is forbidden: User \\"system:serviceaccount:shop:syncer\\" cannot list resource \\"configmaps\\" in API group \\"\\" in the namespace \\"shop\\""'
const PLACE = 'shop/syncer-6c8f7d9b5-abcde'
const logs = { [`${PLACE}/app`]: LINE }
const rbac = (kind: string, place: string, patch: Record<string, unknown>): Thing =>
  thing('rbac.authorization.k8s.io/v1', kind, place, patch)
const binding = (name: string) =>
  rbac('RoleBinding', 'shop/syncer', {
    roleRef: { kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name: 'syncer', namespace: 'shop' }],
  })
const role = (...verbs: string[]) =>
  rbac('Role', 'shop/syncer', { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs }] })
const syncer = (ready = false) =>
  pod(PLACE, { owner: 'ReplicaSet/syncer-6c8f7d9b5', ready, spec: { serviceAccountName: 'syncer' } })

describe('rbac-forbidden', () => {
  it('names the workload, and the role that lacks the verb', async () => {
    const outcome = await evaluate(rbacForbidden, { objects: [syncer(), binding('syncer'), role('get')], logs })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/syncer'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain(
      'may not list configmaps in the namespace shop as the account shop/syncer: the Role syncer that is bound to it does not allow it',
    )
  })

  it('tells a role that does not exist, and that nothing is bound', async () => {
    expect(
      (await evaluate(rbacForbidden, { objects: [syncer(), binding('reader')], logs })).findings[0]?.says,
    ).toContain('the Role reader, which does not exist')
    expect((await evaluate(rbacForbidden, { objects: [syncer()], logs })).findings[0]?.says).toContain(
      'no role is bound',
    )
  })

  it('is strong of a program that is well and lists in vain, and weak of one that only tried to write', async () => {
    const lines = (verb: string) => ({
      [`${PLACE}/app`]: `${LINE.replace('cannot list', `cannot ${verb}`)}\n`.repeat(20),
    })
    const of = async (verb: string, denied: readonly string[] = []) =>
      (await evaluate(rbacForbidden, { objects: [syncer(true)], logs: lines(verb), denied })).findings[0]?.strength
    expect(await of('list')).toBe('strong')
    expect(await of('patch')).toBe('weak')
    expect(await of('list', ['rolebindings.rbac.authorization.k8s.io'])).toBe('weak')
  })

  it('is quiet where the account may do it now, with the reason', async () => {
    const outcome = await evaluate(rbacForbidden, { objects: [syncer(), binding('syncer'), role('get', 'list')], logs })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  it('is quiet of one refusal of a program that is well, and of one of yesterday', async () => {
    expect(await evaluate(rbacForbidden, { objects: [syncer(true)], logs })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
    const old = { [`${PLACE}/app`]: LINE.replace('2026-02-01T', '2026-01-31T') }
    expect((await evaluate(rbacForbidden, { objects: [syncer()], logs: old })).status).toBe('clear')
  })

  it('is quiet of what a quota or a policy forbids', async () => {
    const quota = {
      [`${PLACE}/app`]:
        '2026-02-01T11:58:00Z ERROR pods "web" is forbidden: exceeded quota: small, requested: pods=1, used: pods=5, limited: pods=5',
    }
    expect((await evaluate(rbacForbidden, { objects: [syncer()], logs: quota })).status).toBe('clear')
  })

  it('is quiet of what a node or a person may not do', async () => {
    for (const user of ['system:node:node-1', 'alice@example.com']) {
      const line = { [`${PLACE}/app`]: LINE.replace('system:serviceaccount:shop:syncer', user) }
      expect(await evaluate(rbacForbidden, { objects: [syncer()], logs: line })).toMatchObject({
        status: 'clear',
        rejections: [],
      })
    }
  })

  it('names workloads in the order of their names', async () => {
    const other = 'shop/archiver-6c8f7d9b5-abcde'
    const archiver = pod(other, {
      owner: 'ReplicaSet/archiver-6c8f7d9b5',
      ready: false,
      spec: { serviceAccountName: 'syncer' },
    })
    const of = (...places: string[]) => ({
      objects: [syncer(), archiver],
      logs: Object.fromEntries(places.map((place) => [`${place}/app`, LINE])),
    })
    for (const scene of [of(PLACE, other), of(other, PLACE)])
      expect(subjectsOf(await evaluate(rbacForbidden, scene))).toEqual([
        'Deployment shop/archiver',
        'Deployment shop/syncer',
      ])
  })
})
