import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../../src/bundle/format.ts'
import { cniIpamdDown } from '../../../src/rules/network/cni-ipamd-down.ts'
import { portLines } from '../../incident/node-answers.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, event, node, pod, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { signal } from './node-signals.ts'

const creating = { ready: false, started: false, state: { waiting: { reason: 'ContainerCreating' } } }
const waiting = (name: string, on: string): Thing =>
  pod(`shop/${name}`, {
    node: on,
    ready: false,
    containers: [{ status: creating }],
    status: { phase: 'Pending', podIP: '' },
  })
const refused = (name: string, cause: string, last = 60): Thing =>
  event(
    'shop',
    `Pod/${name}`,
    'FailedCreatePodSandBox',
    `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "a1b2": ${cause}`,
    { last },
  )
const ipamd =
  'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: Error received from AddNetwork gRPC call: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:50051: connect: connection refused"'
const agent = (on: string): Thing =>
  pod(`kube-system/aws-node-${on}`, {
    owner: 'DaemonSet/aws-node',
    node: on,
    ready: false,
    containers: [{ status: crashed() }],
    spec: { hostNetwork: true },
  })

describe('cni-ipamd-down', () => {
  it('names the agent that is sick where pods get no network', async () => {
    const outcome = await evaluate(cniIpamdDown, {
      objects: [
        node('n1'),
        waiting('web-1', 'n1'),
        refused('web-1', ipamd),
        agent('n1'),
        workload('DaemonSet', 'kube-system/aws-node'),
      ],
    })
    expect(subjectsOf(outcome)).toEqual(['DaemonSet kube-system/aws-node'])
    expect(outcome.findings[0]?.strength).toBe('proof')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Node', name: 'n1' })
  })

  it.each([
    'plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory',
    'plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/',
    'plugin type="cilium-cni" failed (add): unable to connect to Cilium daemon: failed to create cilium agent client after 30.000000 seconds timeout',
  ])('knows the words of other plugins: %s', async (cause) => {
    const outcome = await evaluate(cniIpamdDown, {
      objects: [node('n1'), waiting('web-1', 'n1'), refused('web-1', cause)],
    })
    expect(subjectsOf(outcome)).toEqual(['Node n1'])
    expect(outcome.findings[0]?.strength).toBe('strong')
  })

  it('only suspects the agent where the words do not name it', async () => {
    const cause = 'plugin type="calico" failed (add): something else'
    const outcome = await evaluate(cniIpamdDown, {
      objects: [node('n1'), waiting('web-1', 'n1'), refused('web-1', cause)],
    })
    expect(outcome.findings[0]?.strength).toBe('weak')
  })

  it('sees a node that waits for its plugin, unless it has just joined', async () => {
    const condition = {
      type: 'Ready',
      status: 'False',
      reason: 'KubeletNotReady',
      message:
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
      lastTransitionTime: ago(900),
    }
    const joined = (created: number) =>
      node('n1', { metadata: { creationTimestamp: ago(created) }, status: { conditions: [condition] } })
    const { findings } = await evaluate(cniIpamdDown, { objects: [joined(1000)] })
    expect(findings).toMatchObject([{ subject: { kind: 'Node', name: 'n1' }, strength: 'strong' }])
    expect((await evaluate(cniIpamdDown, { objects: [joined(60)] })).status).toBe('clear')
  })

  it('is quiet where addresses ran out, and where the pod runs by now', async () => {
    const exhausted =
      'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'
    const objects = [node('n1'), waiting('web-1', 'n1'), refused('web-1', exhausted)]
    expect((await evaluate(cniIpamdDown, { objects })).status).toBe('clear')
    const over = await evaluate(cniIpamdDown, { objects: [node('n1'), pod('shop/web-1'), refused('web-1', ipamd)] })
    expect(over.status).toBe('clear')
    expect(over.rejections).toHaveLength(1)
  })

  it('believes an agent of the node that says so, while it does', async () => {
    const said = (last: number) => signal('IPAMDNotRunning', 'ipamd is not running', 'n1', last)
    expect((await evaluate(cniIpamdDown, { objects: [node('n1'), said(60)] })).findings).toMatchObject([
      { subject: { kind: 'Node', name: 'n1' }, strength: 'strong' },
    ])
    expect((await evaluate(cniIpamdDown, { objects: [node('n1'), said(7200)] })).status).toBe('clear')
  })

  describe('by who listens on ports of nodes', () => {
    const running = (on: string, created = 3600): Thing =>
      pod(`kube-system/aws-node-${on}`, { owner: 'DaemonSet/aws-node', node: on, created, spec: { hostNetwork: true } })
    const objects = [
      node('n1'),
      node('n2'),
      running('n1'),
      running('n2'),
      workload('DaemonSet', 'kube-system/aws-node'),
    ]
    const both = (answer: boolean | LedgerLine['status']) => ({ 61678: answer, 61679: answer })
    const others = portLines('n2', 'cni', both(true))
    const silent = [...portLines('n1', 'cni', both(false)), ...others]

    it('suspects an agent that does not listen where pods wait, and is sure with the words of the plugin', async () => {
      const waits = await evaluate(cniIpamdDown, { objects: [...objects, waiting('web-1', 'n1')], asked: silent })
      expect(waits.findings).toMatchObject([{ strength: 'strong', subject: { kind: 'Node', name: 'n1' } }])
      expect(waits.findings[0]?.says).toContain('nobody listens on the ports of the agent on n1')
      const said = [...objects, waiting('web-1', 'n1'), refused('web-1', ipamd)]
      expect((await evaluate(cniIpamdDown, { objects: said, asked: silent })).findings[0]?.strength).toBe('proof')
    })

    it.each<[string, readonly LedgerLine[], readonly Thing[]]>([
      [
        'the ports are turned off everywhere',
        [...portLines('n1', 'cni', both(false)), ...portLines('n2', 'cni', both(false))],
        objects,
      ],
      ['only one of them is', [...portLines('n1', 'cni', { 61678: true, 61679: false }), ...others], objects],
      ['nobody could ask', [...portLines('n1', 'cni', both('denied')), ...others], objects],
      [
        'it listens again',
        [...portLines('n1', 'cni', both(false), [0]), ...portLines('n1', 'cni', both(true), [1]), ...others],
        objects,
      ],
      ['the agent has just come', silent, [...objects.filter((one) => one !== objects[2]), running('n1', 60)]],
      ['there is no agent', silent, objects.filter((one) => one !== objects[2])],
    ])('is quiet where %s', async (_, asked, around) => {
      const outcome = await evaluate(cniIpamdDown, { objects: [...around, waiting('web-1', 'n1')], asked })
      expect(outcome.findings).toEqual([])
    })

    it('compares agents with agents only', async () => {
      const alone = [...objects.filter((one) => one !== objects[3]), waiting('web-1', 'n1')]
      expect((await evaluate(cniIpamdDown, { objects: alone, asked: silent })).findings).toEqual([])
    })

    it('is no finding where a pod fails that has its network', async () => {
      const failing = pod('shop/web-1', { node: 'n1', ready: false, containers: [{ status: crashed() }] })
      expect((await evaluate(cniIpamdDown, { objects: [...objects, failing], asked: silent })).findings).toEqual([])
    })

    it('is no finding where no pod waits', async () => {
      const outcome = await evaluate(cniIpamdDown, { objects, asked: silent })
      expect([outcome.findings.length, outcome.rejections.length]).toEqual([0, 1])
    })

    it('does not suspect an agent that answers of what a plugin says without naming it', async () => {
      const stuck = [
        ...objects,
        waiting('web-1', 'n1'),
        refused('web-1', 'plugin type="portmap" failed (add): something else'),
      ]
      expect((await evaluate(cniIpamdDown, { objects: stuck })).findings).toMatchObject([{ strength: 'weak' }])
      const asked = [...portLines('n1', 'cni', both(true)), ...others]
      const outcome = await evaluate(cniIpamdDown, { objects: stuck, asked })
      expect([outcome.findings.length, outcome.rejections.length]).toEqual([0, 1])
    })
  })
})
