import { describe, expect, it } from 'vitest'
import { untoleratedTaint } from '../../../src/rules/scheduling/untolerated-taint.ts'
import { node, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { running, waiting } from './waiting.ts'

const NAME = 'shop/web-6c8f7d9b5-abcde'
const tainted = (name: string, key: string, metadata = {}) =>
  node(name, { spec: { taints: [{ key, value: 'batch', effect: 'NoSchedule' }] }, metadata })

describe('untolerated-taint', () => {
  it.each([
    '0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: batch}.',
    "0/1 nodes are available: 1 node(s) had taint {dedicated: batch}, that the pod didn't tolerate.",
    '0/1 nodes are available: 1 node(s) had untolerated taint(s).',
    "0/1 nodes are available: 1 node(s) had taints that the pod didn't tolerate.",
  ])('names the taint: %s', async (message) => {
    const outcome = await evaluate(untoleratedTaint, {
      objects: [tainted('node-1', 'dedicated'), waiting(NAME, message)],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('dedicated=batch:NoSchedule')
  })

  it('is quiet when the pod tolerates it', async () => {
    const spec = { tolerations: [{ key: 'dedicated', operator: 'Exists' }] }
    const message = '0/1 nodes are available: 1 node(s) had untolerated taint(s).'
    const outcome = await evaluate(untoleratedTaint, {
      objects: [tainted('node-1', 'dedicated'), waiting(NAME, message, { spec })],
    })
    expect(outcome.findings).toEqual([])
  })

  it('names the node that somebody cordoned', async () => {
    const cordoned = node('node-1', { spec: { unschedulable: true } })
    const outcome = await evaluate(untoleratedTaint, {
      objects: [cordoned, waiting(NAME, '0/1 nodes are available: 1 node(s) were unschedulable.')],
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('names the node that somebody tainted a while ago', async () => {
    const metadata = { managedFields: [wrote('kubectl-taint', 900, { 'f:spec': { 'f:taints': {} } })] }
    const outcome = await evaluate(untoleratedTaint, {
      objects: [
        tainted('node-1', 'dedicated', metadata),
        waiting(NAME, '0/1 nodes are available: 1 node(s) had untolerated taint(s).'),
      ],
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
  })

  it('takes a taint of pressure for a mechanism', async () => {
    const message = '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.'
    const outcome = await evaluate(untoleratedTaint, {
      objects: [tainted('node-1', 'node.kubernetes.io/disk-pressure'), waiting(NAME, message)],
    })
    expect(outcome.findings[0]?.kind).toBe('mechanism')
  })

  it('does not blame the taint of a pool, or of the control plane, when other nodes are full', async () => {
    const message = '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).'
    const others = [node('node-2'), running('shop/other-7d4f8b9c6-aaaaa', 'node-2', { cpu: '4' })]
    for (const key of ['dedicated', 'node-role.kubernetes.io/control-plane']) {
      const outcome = await evaluate(untoleratedTaint, {
        objects: [tainted('node-1', key), ...others, waiting(NAME, message, { requests: { cpu: '1' } })],
      })
      expect(outcome.findings).toEqual([])
      expect(outcome.rejections).toHaveLength(1)
    }
  })
})
