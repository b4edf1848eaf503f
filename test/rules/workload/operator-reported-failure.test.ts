import { expect, it } from 'vitest'
import { operatorReportedFailure } from '../../../src/rules/workload/operator-reported-failure.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const DENIED = 'rpc error: code = Unknown desc = AccessDenied: Access Denied status code: 403'
const store = (status: Record<string, unknown>) =>
  thing('velero.io/v1', 'BackupStorageLocation', 'velero/default', { status })
const condition = (message: string) => ({
  conditions: [{ type: 'Ready', status: 'False', reason: 'Failed', message, lastTransitionTime: ago(900) }],
})

it('quotes the answer that a phase or a condition stands for', async () => {
  for (const status of [{ phase: 'Unavailable', message: DENIED }, condition(DENIED)]) {
    const outcome = await evaluate(operatorReportedFailure, { objects: [store(status)] })
    expect(subjectsOf(outcome)).toEqual(['BackupStorageLocation velero/default'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'weak' })
    expect(outcome.findings[0]?.says).toContain('AccessDenied')
  }
})

it('names the operator that logs the same', async () => {
  const outcome = await evaluate(operatorReportedFailure, {
    objects: [
      store({ phase: 'Unavailable', message: DENIED }),
      pod('velero/velero-0', { owner: 'StatefulSet/velero' }),
    ],
    logs: { 'velero/velero-0/app': `${ago(30)} level=error msg="location default is unavailable: ${DENIED}"\n` },
  })
  expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'StatefulSet', namespace: 'velero', name: 'velero' })
})

it('is quiet where the message gives no reason, the phase is a normal one, or the kind has a rule of its own', async () => {
  const quiet = [
    store({ phase: 'Unavailable', message: 'will be tried again' }),
    store({ phase: 'Available', message: DENIED }),
    thing('external-secrets.io/v1', 'ExternalSecret', 'shop/login', { status: condition(DENIED) }),
  ]
  for (const object of quiet)
    expect((await evaluate(operatorReportedFailure, { objects: [object] })).findings).toEqual([])
})

it('leaves it to the pods of the resource where these are ill', async () => {
  const database = thing('db.example.com/v1', 'Database', 'shop/main', {
    status: condition('dial tcp: connection refused'),
  })
  const member = pod('shop/main-0', {
    owner: 'Database/main',
    ready: false,
    containers: [{ status: crashed() }],
    metadata: {
      ownerReferences: [
        { apiVersion: 'db.example.com/v1', kind: 'Database', name: 'main', uid: 'uid-main', controller: true },
      ],
    },
  })
  const outcome = await evaluate(operatorReportedFailure, { objects: [database, member] })
  expect(outcome).toMatchObject({ findings: [], rejections: [{ kind: 'rejected' }] })
  expect((await evaluate(operatorReportedFailure, { objects: [database] })).findings).toHaveLength(1)
})

it('tells that the key of a git server is not the known one', async () => {
  const object = thing('source.toolkit.fluxcd.io/v1', 'GitRepository', 'flux-system/fleet', {
    status: condition(
      "unable to list remote for 'ssh://git@git.example': ssh: handshake failed: knownhosts: key mismatch",
    ),
  })
  const { findings } = await evaluate(operatorReportedFailure, { objects: [object] })
  expect(findings[0]).toMatchObject({ kind: 'cause', says: expect.stringContaining('The key of the host') })
})
