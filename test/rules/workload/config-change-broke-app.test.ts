import { describe, expect, it } from 'vitest'
import { configChangeBrokeApp } from '../../../src/rules/workload/config-change-broke-app.ts'
import { crashloopAppError } from '../../../src/rules/workload/crashloop-app-error.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, pod, thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const owner = 'ReplicaSet/web-6c8f7d9b5'
const NAME = 'web-6c8f7d9b5-abcde'
const envFrom = [{ configMapRef: { name: 'settings' } }]
const settings = (seconds: number, fields: Record<string, unknown> = { 'f:data': { 'f:PORT': {} } }) =>
  thing('v1', 'ConfigMap', 'shop/settings', { metadata: { managedFields: [wrote('kubectl-edit', seconds, fields)] } })
const since = { type: 'Ready', status: 'False', lastTransitionTime: ago(500) }
const sick = pod(`shop/${NAME}`, {
  owner,
  created: 3600,
  ready: false,
  containers: [{ spec: { envFrom }, status: crashed() }],
  status: { conditions: [since] },
})
const healthy = pod('shop/web-6c8f7d9b5-fghij', { owner, created: 3600, containers: [{ spec: { envFrom } }] })
const logs = { [`shop/${NAME}/app.previous`]: `${ago(61)} FATAL invalid configuration: PORT must be a number\n` }

describe('config-change-broke-app', () => {
  it('names the ConfigMap that was changed before the crash', async () => {
    const outcome = await evaluate(configChangeBrokeApp, { objects: [settings(600), sick, healthy], logs })
    expect(subjectsOf(outcome)).toEqual(['ConfigMap shop/settings'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('kubectl-edit')
    expect(outcome.findings[0]?.says).toContain('PORT must be a number')
    const crash = await evaluate(crashloopAppError, { objects: [settings(600), sick, healthy], logs })
    expect(crash.findings[0]?.kind).toBe('mechanism')
  })

  it('rejects a change that came after the first failure', async () => {
    const outcome = await evaluate(configChangeBrokeApp, { objects: [settings(400), sick], logs })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('takes no change of labels for one, and is quiet while all is well', async () => {
    const labels = { 'f:metadata': { 'f:labels': { 'f:app': {} } } }
    const scenes = [{ objects: [settings(600, labels), sick], logs }, { objects: [settings(600), healthy] }]
    for (const scene of scenes)
      expect(await evaluate(configChangeBrokeApp, scene)).toMatchObject({ findings: [], rejections: [] })
  })

  it('needs words about configuration, or a crash soon after', async () => {
    const other = { [`shop/${NAME}/app.previous`]: `${ago(61)} panic: index out of range\n` }
    expect((await evaluate(configChangeBrokeApp, { objects: [settings(9000), sick], logs: other })).status).toBe(
      'clear',
    )
    expect((await evaluate(configChangeBrokeApp, { objects: [settings(9000), sick], logs })).status).toBe('fired')
  })

  it.each([
    ['all that read it panic at once after an edit', 'kubectl-edit', 560, 'panic: nil pointer dereference', 'strong'],
    ['a controller wrote it', 'argocd-controller', 560, 'panic: nil pointer dereference', 'weak'],
    ['it took them minutes', 'kubectl-edit', 400, 'panic: nil pointer dereference', 'weak'],
    ['they end without a panic', 'kubectl-edit', 560, 'ERROR cannot go on', 'weak'],
  ])('without words about the configuration: %s', async (_, manager, first, words, strength) => {
    const names = ['web-6c8f7d9b5-aaaaa', 'web-6c8f7d9b5-bbbbb']
    const write = thing('v1', 'ConfigMap', 'shop/settings', {
      metadata: { managedFields: [wrote(manager, 640, { 'f:data': { 'f:policy': {} } })] },
    })
    const pods = names.map((name) =>
      pod(`shop/${name}`, {
        owner,
        created: 86_400,
        ready: false,
        containers: [{ spec: { envFrom }, status: crashed() }],
      }),
    )
    const events = names.map((name) =>
      event('shop', `Pod/${name}`, 'BackOff', `Back-off restarting failed container app in pod ${name}`, {
        first,
        last: 10,
      }),
    )
    const { findings } = await evaluate(configChangeBrokeApp, {
      objects: [
        write,
        ...pods.map((one) => ({ ...one, status: { ...(one.status as object), conditions: [] } })),
        ...events,
      ],
      logs: Object.fromEntries(names.map((name) => [`shop/${name}/app.previous`, `${ago(61)} ${words}\n`])),
    })
    expect(findings.map((one) => one.strength)).toEqual([strength])
  })
})
