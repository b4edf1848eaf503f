import { describe, expect, it } from 'vitest'
import { eniConntrackAllowanceExceeded } from '../../../src/rules/network/eni-conntrack-allowance-exceeded.ts'
import { kernelOf } from '../../incident/kernel-answers.ts'
import { ago, repeated, type Thing } from '../../incident/scene.ts'
import { endpointSlice, pod, service } from '../../incident/things.ts'
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

describe('the counter of the interface', () => {
  const caller = (name: string, on: string) => pod(`shop/${name}`, { owner: 'ReplicaSet/web-6c8f7d9b5', node: on })
  const VAIN = 'level=error msg="dial tcp 203.0.113.7:443: i/o timeout"'
  const inVain = (name: string) => ({ [`shop/${name}/app`]: repeated(VAIN, 30, 600, 90) })
  const told = async (
    counted: Parameters<typeof kernelOf>[1],
    {
      objects = [],
      logs = {},
      more = {},
    }: { objects?: Thing[]; logs?: Record<string, string>; more?: Record<string, string> },
  ) => {
    const scene = {
      objects: [...nodes, ...objects],
      logs,
      files: { ...kernelOf('n1', { ena: counted.ena ?? {} }), ...more },
    }
    return evaluate(eniConntrackAllowanceExceeded, scene)
  }
  const grown = { ena: { conntrack: [15, 355], available: [31, 0] } }
  const felt = { objects: [caller('web-1', 'n1')], logs: inVain('web-1') }

  it('proves it where it grows between the samples and calls of the node get no answer', async () => {
    const [finding] = (await told(grown, felt)).findings
    expect([finding?.kind, finding?.strength, finding?.subject.name]).toEqual(['cause', 'proof', 'n1'])
    expect(finding?.says).toContain('conntrack_allowance_exceeded grew by 340 within 30 s, and 0 more may be tracked')
    expect(finding?.cites.map(({ words }) => words.trim())).toEqual([
      'conntrack_allowance_exceeded: 355',
      'conntrack_allowance_exceeded: 15',
      'conntrack_allowance_available: 0',
    ])
  })

  it('is a risk where nobody suffers, and nothing sure where no call fails', async () => {
    expect((await told(grown, {})).findings).toMatchObject([{ kind: 'risk', strength: 'strong' }])
    const unready = pod('shop/web-1', { node: 'n1', ready: false })
    expect((await told(grown, { objects: [unready] })).findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
  })

  it('is nothing by what was counted since the start of the machine, in one sample or in both', async () => {
    expect((await told({ ena: { conntrack: [4000] } }, felt)).status).toBe('clear')
    expect((await told({ ena: { conntrack: [4000, 4000] } }, felt)).status).toBe('clear')
  })

  it('is a risk only where it grows as much on a node on which all is well', async () => {
    const more = kernelOf('n2', { ena: { conntrack: [0, 330] } })
    const [finding] = (await told(grown, { ...felt, more })).findings
    expect([finding?.kind, finding?.against?.[0]?.says]).toEqual([
      'risk',
      'Nothing suffers on n2, and there conntrack_allowance_exceeded grew by 330 within 30 s.',
    ])
  })

  it('does not prove what fails as well where it stands still, or where nobody looked', async () => {
    const both = {
      objects: [caller('web-1', 'n1'), caller('web-2', 'n2')],
      logs: { ...inVain('web-1'), ...inVain('web-2') },
    }
    const still = kernelOf('n2', { ena: { conntrack: [7, 7] } })
    const [refuted] = (await told(grown, { ...both, more: still })).findings
    expect([refuted?.strength, refuted?.against?.[0]?.says]).toEqual([
      'weak',
      'web-2 calls in vain as well, on n2, where it did not grow.',
    ])
    const [unsure] = (await told(grown, both)).findings
    expect([unsure?.strength, unsure?.against]).toEqual(['weak', undefined])
  })

  it('does not prove calls that failed a while ago, and since then do not', async () => {
    const logs = { 'shop/web-1/app': `${ago(720)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n` }
    expect((await told(grown, { ...felt, logs })).findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
  })

  it('is nothing sure of a few packets, however many calls fail', async () => {
    const few = { ena: { conntrack: [12, 16] } }
    expect((await told(few, felt)).findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
  })

  it('is not the reason of names that a server does not know, nor of a Service that has no ready pod', async () => {
    const unknown = { 'shop/web-1/app': repeated(`level=error msg="dial tcp: lookup db: no such host"`, 30, 600, 10) }
    const [absent] = (await told(grown, { ...felt, logs: unknown })).findings
    expect(absent?.strength).not.toBe('proof')
    const unserved = [
      pod('shop/db-1', { node: 'n2', labels: { app: 'db' }, ready: false }),
      service('shop/db'),
      endpointSlice('shop/db', [{ pod: 'db-1', ready: false }]),
    ]
    const waits = { 'shop/web-1/app': repeated(`level=error msg="dial tcp 10.96.0.20:80: i/o timeout"`, 30, 600, 10) }
    const [unanswered] = (await told(grown, { objects: [...felt.objects, ...unserved], logs: waits })).findings
    expect([unanswered?.kind, unanswered?.strength]).toEqual(['cause', 'weak'])
  })

  it('is not sure where lookups of other programs wait on nodes that drop nothing', async () => {
    const api = pod('shop/api-1', { owner: 'ReplicaSet/api-5d4f7c8b9', node: 'n2' })
    const waits = (name: string) =>
      repeated(`level=error msg="lookup ${name} on 10.96.0.10:53: read udp: i/o timeout"`, 30, 600, 10)
    const logs = { 'shop/web-1/app': waits('db.example.com'), 'shop/api-1/app': waits('mail.example.com') }
    const more = kernelOf('n2', { ena: { conntrack: [7, 7] } })
    const [finding] = (await told(grown, { objects: [...felt.objects, api], logs, more })).findings
    expect([finding?.strength, finding?.against?.length]).toEqual(['weak', 1])
  })

  it('does not prove that names are waited for: it may be the server', async () => {
    const waits = repeated(
      `level=error msg="lookup db.example.com on 10.96.0.10:53: read udp: i/o timeout"`,
      30,
      600,
      10,
    )
    const [finding] = (await told(grown, { ...felt, logs: { 'shop/web-1/app': waits } })).findings
    expect([finding?.kind, finding?.strength]).toEqual(['cause', 'strong'])
    const both = { 'shop/web-1/app': `${waits}${ago(5)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n` }
    expect((await told(grown, { ...felt, logs: both })).findings[0]?.strength).toBe('strong')
  })

  it('does not prove that one target is silent to several nodes', async () => {
    const objects = [caller('web-1', 'n1'), caller('web-2', 'n2')]
    const logs = { ...inVain('web-1'), ...inVain('web-2') }
    const more = kernelOf('n2', { ena: { conntrack: [7, 300] } })
    const { findings } = await told(grown, { objects, logs, more })
    expect(findings.map(({ strength }) => strength)).toEqual(['strong', 'strong'])
  })

  it('may be no more than that where calls failed a while ago, or a call or two of who is well', async () => {
    const ago12 = { 'shop/web-1/app': repeated(VAIN, 30, 900, 720) }
    expect((await told(grown, { ...felt, logs: ago12 })).findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
    const once = { 'shop/web-1/app': repeated(VAIN, 1, 90, 90) }
    expect((await told(grown, { ...felt, logs: once })).findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
    const ill = [pod('shop/web-1', { owner: 'ReplicaSet/web-6c8f7d9b5', node: 'n1', ready: false })]
    expect((await told(grown, { objects: ill, logs: once })).findings).toMatchObject([{ strength: 'proof' }])
  })

  it('is one finding with what the agent of the node says, or speaks against it', async () => {
    const objects = [...felt.objects, EXCEEDED]
    const { findings } = await told(grown, { ...felt, objects })
    expect(findings).toHaveLength(1)
    expect(findings[0]?.cites.map(({ words }) => words.trim())[0]).toBe('conntrack_allowance_exceeded: 355')
    const [still] = (await told({ ena: { conntrack: [15, 15] } }, { ...felt, objects })).findings
    expect(still?.against?.[0]?.says).toBe('While the capture ran, conntrack_allowance_exceeded grew by 0 within 30 s.')
  })
})
