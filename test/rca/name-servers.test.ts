import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { ago, bundleOf, type Thing } from '../incident/scene.ts'
import { crashed, pod, served, thing } from '../incident/things.ts'
import { nameServer } from '../rules/dns/cluster.ts'

const NAME = 'kube-system/coredns-5d4f7c8b9-abcde'
const resources = { limits: { cpu: '100m', memory: '170Mi' } }

/** The only name server, with limits, in some state. */
const servers = (status: Record<string, unknown> = {}): readonly Thing[] =>
  nameServer().map((one) =>
    one.kind === 'Pod'
      ? pod(NAME, {
          owner: 'ReplicaSet/coredns-5d4f7c8b9',
          labels: { 'k8s-app': 'kube-dns', app: 'kube-dns' },
          created: 80_000,
          containers: [{ name: 'coredns', spec: { resources }, status }],
        })
      : one,
  )

const usage = thing('metrics.k8s.io/v1beta1', 'PodMetrics', NAME, {
  timestamp: ago(30),
  window: '15s',
  containers: [{ name: 'coredns', usage: { cpu: '99m', memory: '60Mi' } }],
})

const clients = ['web', 'api'].map((name) =>
  pod(`shop/${name}-6c8f7d9b5-abcde`, { owner: `ReplicaSet/${name}-6c8f7d9b5` }),
)
const line = 'ERROR dial tcp: lookup db on 10.96.0.10:53: read udp 10.244.0.9:3333->10.96.0.10:53: i/o timeout'
const logs = Object.fromEntries(
  ['web', 'api'].map((name) => [
    `shop/${name}-6c8f7d9b5-abcde/app`,
    [9, 8, 5, 1].map((minutes) => `${ago(minutes * 60)} ${line}`).join('\n'),
  ]),
)

const causesOf = async (...objects: readonly Thing[]) => {
  const scene = {
    objects: [...clients, ...served('db'), ...objects],
    logs,
  }
  const { causes } = await analyze(bundleOf(scene), { name: 'bundle', toolVersion: '0' })
  return causes.map(({ rule, chain }) => [rule, chain.some((step) => step.rule === 'coredns-overloaded')])
}

describe('name servers that cannot keep up', () => {
  it('are explained by their CPU limit, not told beside it', async () => {
    expect(await causesOf(...servers(), usage)).toEqual([['cpu-limit-throttling', true]])
  })

  it('are explained by the memory that they lack', async () => {
    const ended = { restartCount: 5, lastState: crashed({ reason: 'OOMKilled', exitCode: 137, at: 600 }).lastState }
    expect((await causesOf(...servers(ended))).filter(([rule]) => rule !== 'dependency-down')).toEqual([
      ['container-oomkilled', true],
    ])
  })
})
