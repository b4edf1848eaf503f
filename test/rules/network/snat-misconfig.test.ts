import { describe, expect, it } from 'vitest'
import { snatMisconfig } from '../../../src/rules/network/snat-misconfig.ts'
import { ago } from '../../incident/scene.ts'
import { pod, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const ENV = { 'k:{"name":"aws-node"}': { 'f:env': { 'k:{"name":"AWS_VPC_K8S_CNI_EXTERNALSNAT"}': { 'f:value': {} } } } }
const IMAGE = { 'k:{"name":"aws-node"}': { 'f:image': {} } }
const agent = (seconds: number, containers: Record<string, unknown> = ENV) =>
  workload('DaemonSet', 'kube-system/aws-node', {
    metadata: {
      managedFields: [
        wrote('kubectl-set', seconds, { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': containers } } } }),
      ],
    },
    spec: {
      template: {
        spec: { containers: [{ name: 'aws-node', env: [{ name: 'AWS_VPC_K8S_CNI_EXTERNALSNAT', value: 'true' }] }] },
      },
    },
  })
const node = pod('kube-system/aws-node-1', { owner: 'DaemonSet/aws-node', created: 590 })
const line = `${ago(500)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n${ago(60)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n`
const logs = { 'shop/web-1/app': line, 'shop/api-1/app': line }
const callers = [pod('shop/web-1'), pod('shop/api-1')]

describe('snat-misconfig', () => {
  it('suspects the setting where calls to the outside fail since it was changed', async () => {
    expect(subjectsOf(await evaluate(snatMisconfig, { objects: [agent(600), node, ...callers], logs }))).toEqual([
      'DaemonSet kube-system/aws-node',
    ])
  })

  it('is quiet where another version came, and where the target answers', async () => {
    const objects = [node, ...callers]
    expect((await evaluate(snatMisconfig, { objects: [agent(600, IMAGE), ...objects], logs })).status).toBe('clear')
    const denied = line.replaceAll(
      'dial tcp 203.0.113.7:443: i/o timeout',
      'https://203.0.113.7 answered 401 Unauthorized',
    )
    const refusals = { 'shop/web-1/app': denied, 'shop/api-1/app': denied }
    expect((await evaluate(snatMisconfig, { objects: [agent(600), ...objects], logs: refusals })).status).toBe('clear')
  })

  it('is quiet where it was changed later, or long before the window', async () => {
    expect((await evaluate(snatMisconfig, { objects: [agent(300), node, ...callers], logs })).status).toBe('clear')
    expect((await evaluate(snatMisconfig, { objects: [agent(600_000), node, ...callers], logs })).status).toBe('clear')
  })

  it('is quiet where what was changed sets no address, and where there is no such agent', async () => {
    const other = [{ name: 'aws-node', env: [{ name: 'WARM_IP_TARGET', value: '5' }] }]
    const changed = agent(600)
    const bare = { ...changed, spec: { ...(changed.spec as object), template: { spec: { containers: other } } } }
    expect((await evaluate(snatMisconfig, { objects: [bare, node, ...callers], logs })).status).toBe('clear')
    const elsewhere = { ...changed, metadata: { ...(changed.metadata as object), name: 'cilium' } }
    expect((await evaluate(snatMisconfig, { objects: [elsewhere, ...callers], logs })).status).toBe('clear')
  })
})
