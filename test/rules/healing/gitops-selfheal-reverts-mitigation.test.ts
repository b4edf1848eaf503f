import { describe, expect, it } from 'vitest'
import { gitopsSelfhealRevertsMitigation } from '../../../src/rules/healing/gitops-selfheal-reverts-mitigation.ts'
import { thing, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const spec = { 'f:spec': { 'f:template': {} } }
const web = (person: number, delivery: number) =>
  workload('Deployment', 'shop/web', {
    metadata: { managedFields: [wrote('kubectl-edit', person, spec), wrote('argocd-controller', delivery, spec)] },
  })
const application = (selfHeal: boolean) =>
  thing('argoproj.io/v1alpha1', 'Application', 'argocd/shop', {
    spec: { syncPolicy: { automated: { selfHeal } } },
    status: { resources: [{ kind: 'Deployment', namespace: 'shop', name: 'web' }] },
  })

describe('gitops-selfheal-reverts-mitigation', () => {
  it('names what was put back, and by whom', async () => {
    const outcome = await evaluate(gitopsSelfhealRevertsMitigation, { objects: [web(900, 700), application(true)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('200 s'.replace('200 s', '3 min 20 s'))
  })

  it('is quiet where nothing heals by itself, and where the person came last', async () => {
    for (const objects of [
      [web(900, 700), application(false)],
      [web(700, 900), application(true)],
    ])
      expect((await evaluate(gitopsSelfhealRevertsMitigation, { objects })).status).toBe('clear')
  })
})
