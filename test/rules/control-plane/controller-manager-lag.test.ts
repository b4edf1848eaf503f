import { describe, expect, it } from 'vitest'
import { controllerManagerLag } from '../../../src/rules/control-plane/controller-manager-lag.ts'
import { workload, wrote } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const web = (generation: number, seconds: number) =>
  workload('Deployment', 'shop/web', {
    metadata: { generation, managedFields: [wrote('kubectl', seconds, { 'f:spec': { 'f:replicas': {} } })] },
  })

describe('controller-manager-lag', () => {
  it('sees what controllers have not seen for minutes', async () => {
    const outcome = await evaluate(controllerManagerLag, { objects: [web(2, 600)] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong', subject: { kind: 'Cluster' } })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('is quiet of what was asked for just now, and of what was seen', async () => {
    expect((await evaluate(controllerManagerLag, { objects: [web(2, 70)] })).status).toBe('clear')
    expect((await evaluate(controllerManagerLag, { objects: [web(1, 600)] })).status).toBe('clear')
  })
})
