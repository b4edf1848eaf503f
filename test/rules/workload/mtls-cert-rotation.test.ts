import { describe, expect, it } from 'vitest'
import { mtlsCertRotation } from '../../../src/rules/workload/mtls-cert-rotation.ts'
import { ago } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const meshed = (name: string) =>
  pod(`shop/${name}-6c8f7d9b5-abcde`, {
    owner: `ReplicaSet/${name}-6c8f7d9b5`,
    containers: [{}, { name: 'istio-proxy' }],
  })
const logOf = (name: string) => [
  `shop/${name}-6c8f7d9b5-abcde/istio-proxy`,
  `${ago(30)} warning envoy connection: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED\n`,
]
const control = (ready: boolean) =>
  pod('istio-system/istiod-7d9f8c6b5-fghij', { owner: 'ReplicaSet/istiod-7d9f8c6b5', ready })
const istiod = control(false)

describe('mtls-cert-rotation', () => {
  it('names the control plane where proxies refuse each other', async () => {
    const objects = [istiod, meshed('web'), meshed('api')]
    const outcome = await evaluate(mtlsCertRotation, {
      objects,
      logs: Object.fromEntries([logOf('web'), logOf('api')]),
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment istio-system/istiod'])
  })

  it('rejects one pair of services', async () => {
    const outcome = await evaluate(mtlsCertRotation, {
      objects: [control(true), meshed('web'), meshed('api')],
      logs: Object.fromEntries([logOf('web')]),
    })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('names it by three workloads though the control plane is well, and is quiet while nobody is refused', async () => {
    const names = ['web', 'api', 'pay']
    const refused = await evaluate(mtlsCertRotation, {
      objects: [control(true), ...names.map(meshed)],
      logs: Object.fromEntries(names.map(logOf)),
    })
    expect(subjectsOf(refused)).toEqual(['Deployment istio-system/istiod'])
    const quiet = { 'shop/web-6c8f7d9b5-abcde/istio-proxy': `${ago(30)} info Envoy proxy is ready\n` }
    expect((await evaluate(mtlsCertRotation, { objects: [istiod, meshed('web')], logs: quiet })).status).toBe('clear')
  })
})
