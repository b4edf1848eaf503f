import { describe, expect, it } from 'vitest'
import { webhookSlow } from '../../../src/rules/control-plane/webhook-slow.ts'
import { thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const config = thing('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'guard', {
  webhooks: [
    { name: 'check.example.com', timeoutSeconds: 4, clientConfig: { service: { namespace: 'guard', name: 'guard' } } },
  ],
})
const files = (seconds: number) => {
  const labels = '{name="check.example.com",operation="CREATE",rejected="false",type="admit"}'
  const name = 'apiserver_admission_webhook_admission_duration_seconds'
  return { 'apiserver/metrics.txt': `${name}_sum${labels} ${seconds * 100}\n${name}_count${labels} 100\n` }
}

describe('webhook-slow', () => {
  it('names a webhook that takes half of its time on average', async () => {
    const outcome = await evaluate(webhookSlow, { objects: [config], files: files(2.5) })
    expect(subjectsOf(outcome)).toEqual(['MutatingWebhookConfiguration guard'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'amplifier', strength: 'weak' })
  })

  it('is quiet of a fast one, and cannot tell without metrics', async () => {
    expect((await evaluate(webhookSlow, { objects: [config], files: files(0.02) })).status).toBe('clear')
    expect((await evaluate(webhookSlow, { objects: [config] })).status).toBe('not-evaluated')
  })
})
