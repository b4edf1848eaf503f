import { describe, expect, it } from 'vitest'
import { nodeCpuSaturation } from '../../../src/rules/compute/node-cpu-saturation.ts'
import { event, node, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function late(name: string) {
  const text = 'Readiness probe failed: command timed out: "/probe" timed out after 1s'
  return [pod(`shop/${name}`, { ready: false }), event('shop', `Pod/${name}`, 'Unhealthy', text, { count: 5 })]
}

function usage(cpu: string) {
  return thing('metrics.k8s.io/v1beta1', 'NodeMetrics', 'node-1', { usage: { cpu, memory: '3Gi' } })
}

const three = [...late('web-1'), ...late('db-1'), ...late('mail-1')]

describe('node-cpu-saturation', () => {
  it('names a node that is busy and slow', async () => {
    const outcome = await evaluate(nodeCpuSaturation, { objects: [node('node-1'), usage('3950m'), ...three] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('suggests it where unrelated pods are slow and nothing was measured', async () => {
    expect((await evaluate(nodeCpuSaturation, { objects: [node('node-1'), ...three] })).findings[0]?.strength).toBe(
      'weak',
    )
  })

  it('rejects an idle node, is quiet about one slow pod, and calls a busy one without trouble a risk', async () => {
    expect(
      (await evaluate(nodeCpuSaturation, { objects: [node('node-1'), usage('400m'), ...three] })).rejections,
    ).toHaveLength(1)
    expect((await evaluate(nodeCpuSaturation, { objects: [node('node-1'), ...late('web-1')] })).status).toBe('clear')
    const busy = await evaluate(nodeCpuSaturation, { objects: [node('node-1'), usage('3950m'), pod('shop/web-1')] })
    expect(busy.findings[0]?.kind).toBe('risk')
  })
})
