import { describe, expect, it } from 'vitest'
import { staleConfigNoReload } from '../../../src/rules/workload/stale-config-no-reload.ts'
import { ago } from '../../incident/scene.ts'
import { pod, thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const owner = 'ReplicaSet/web-6c8f7d9b5'
const NAME = 'web-6c8f7d9b5-abcde'
const envFrom = [{ configMapRef: { name: 'settings' } }]
const web = (name: string, created: number, spec: Record<string, unknown> = { envFrom }) =>
  pod(`shop/${name}`, { owner, created, containers: [{ spec }] })
const settings = (fields: Record<string, unknown> = { 'f:data': { 'f:DB_HOST': {} } }) =>
  thing('v1', 'ConfigMap', 'shop/settings', { metadata: { managedFields: [wrote('kubectl-edit', 600, fields)] } })
const failing = (name: string, seconds: number) => ({
  [`shop/${name}/app`]: [seconds, 300, 20]
    .map((at) => `${ago(at)} ERROR dial tcp 10.0.0.9:5432: connect: connection refused\n`)
    .join(''),
})

describe('stale-config-no-reload', () => {
  it('names the workload that runs with old values', async () => {
    const outcome = await evaluate(staleConfigNoReload, {
      objects: [settings(), web(NAME, 3600)],
      logs: failing(NAME, 590),
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('is a risk while nothing fails', async () => {
    const outcome = await evaluate(staleConfigNoReload, { objects: [settings(), web(NAME, 3600)] })
    expect(outcome.findings[0]?.kind).toBe('risk')
  })

  it('rejects what fails in younger pods as well', async () => {
    const outcome = await evaluate(staleConfigNoReload, {
      objects: [settings(), web(NAME, 3600), web('web-6c8f7d9b5-young', 300)],
      logs: { ...failing(NAME, 590), ...failing('web-6c8f7d9b5-young', 290) },
    })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('is quiet about labels, about pods that started later, and about files that follow by themselves', async () => {
    const labels = { 'f:metadata': { 'f:labels': { 'f:app': {} } } }
    const volume = pod(`shop/${NAME}`, { owner, spec: { volumes: [{ name: 'c', configMap: { name: 'settings' } }] } })
    for (const objects of [
      [settings(labels), web(NAME, 3600)],
      [settings(), web(NAME, 300)],
      [settings(), volume],
    ])
      expect((await evaluate(staleConfigNoReload, { objects })).status).toBe('clear')
  })

  it('does not take errors of long before for it', async () => {
    const outcome = await evaluate(staleConfigNoReload, {
      objects: [settings(), web(NAME, 9000)],
      logs: failing(NAME, 8000),
    })
    expect(outcome.findings[0]?.kind).toBe('risk')
  })
})
