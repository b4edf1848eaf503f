import { describe, expect, it } from 'vitest'
import { eniConntrackAllowanceExceeded } from '../../../src/rules/network/eni-conntrack-allowance-exceeded.ts'
import type { Thing } from '../../incident/scene.ts'
import { pod, service } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { nodes, signal } from './node-signals.ts'

const EXCEEDED = signal('ConntrackExceeded', 'Connection tracking exceeded the maximum for the instance')
const web = (patch: Parameters<typeof pod>[1]) => pod('shop/web-1', { node: 'n1', labels: { app: 'web' }, ...patch })
const found = async (...objects: Thing[]) =>
  (await evaluate(eniConntrackAllowanceExceeded, { objects: [...nodes, ...objects] })).findings

describe('eni-conntrack-allowance-exceeded', () => {
  it('is a cause where pods of the node suffer, with them and their Services', async () => {
    const [finding] = await found(EXCEEDED, web({ ready: false }), service('shop/web'))
    expect([finding?.kind, finding?.strength]).toEqual(['cause', 'proof'])
    expect(finding?.affects?.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['Pod web-1', 'Service web'])
  })

  it('is a risk where nobody does, or pods fail by themselves', async () => {
    expect((await found(EXCEEDED)).map(({ kind }) => kind)).toEqual(['risk'])
    const waiting = { ready: false, state: { waiting: { reason: 'CreateContainerConfigError', message: '' } } }
    expect((await found(EXCEEDED, web({ ready: false, containers: [{ status: waiting }] })))[0]?.kind).toBe('risk')
  })

  it('is not the table of the kernel, and not bandwidth', async () => {
    expect(await found(signal('ConntrackExceededKernel', 'full'), signal('PPSExceeded', 'exceeded'))).toEqual([])
  })
})
