import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { ago, bundleOf, type Thing } from '../incident/scene.ts'
import { crashed, pod, replicaSet, served, thing } from '../incident/things.ts'
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

const reportOf = (...objects: readonly Thing[]) =>
  analyze(bundleOf({ objects: [...clients, ...served('db'), ...objects], logs }), { name: 'bundle', toolVersion: '0' })

describe('name servers that cannot keep up', () => {
  it('have used up their CPU limit, which is not told beside it', async () => {
    const { causes } = await reportOf(...servers(), usage)
    expect(causes.map(({ rule }) => rule)).toEqual(['coredns-overloaded'])
    expect(causes[0]?.chain.map(({ rule }) => rule)).toContain('cpu-limit-throttling')
  })

  it('tell that a rollout lowered the limit', async () => {
    const set = (hash: string, revision: number, cpu: string, created: number) =>
      replicaSet(`kube-system/coredns-${hash}`, 'coredns', revision, {
        metadata: { creationTimestamp: ago(created) },
        spec: { template: { spec: { containers: [{ name: 'coredns', resources: { limits: { cpu } } }] } } },
      })
    const { causes } = await reportOf(
      ...servers(),
      usage,
      set('7f9c8d6b5', 1, '2', 90_000),
      set('5d4f7c8b9', 2, '100m', 700),
    )
    expect(causes[0]?.says).toContain('all of its CPU limit of 100m, which the rollout at 11:48:20 lowered from 2')
  })

  it('are explained by the memory that they lack', async () => {
    const ended = { restartCount: 5, lastState: crashed({ reason: 'OOMKilled', exitCode: 137, at: 600 }).lastState }
    const { causes } = await reportOf(...servers(ended))
    expect(causes[0]?.rule).toBe('container-oomkilled')
    expect(causes[0]?.chain.map(({ rule }) => rule)).toContain('coredns-overloaded')
    expect(causes.map(({ rule }) => rule)).not.toContain('coredns-overloaded')
  })
})
