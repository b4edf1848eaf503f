import { describe, expect, it } from 'vitest'
import { corednsApiserverWatchStale } from '../../../src/rules/dns/coredns-apiserver-watch-stale.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { cluster, INSIDE, logs, nameServer } from './cluster.ts'

describe('coredns-apiserver-watch-stale', () => {
  const line =
    '[ERROR] plugin/kubernetes: pkg/mod/k8s.io/client-go@v0.29.3/tools/cache/reflector.go:229: Failed to watch *v1.Service: failed to list *v1.Service: services is forbidden: User "system:serviceaccount:kube-system:coredns" cannot list resource "services" in API group "" at the cluster scope'

  it('is a mechanism where servers are not ready, or Services do not resolve', async () => {
    expect(
      (await evaluate(corednsApiserverWatchStale, { objects: [...cluster, ...nameServer()], logs: logs(line, INSIDE) }))
        .findings[0],
    ).toMatchObject({ kind: 'mechanism' })
    expect(
      (await evaluate(corednsApiserverWatchStale, { objects: nameServer({ ready: false }), logs: logs(line) }))
        .findings[0],
    ).toMatchObject({ kind: 'mechanism' })
  })

  it('is quiet while all is well', async () => {
    expect(await evaluate(corednsApiserverWatchStale, { objects: nameServer(), logs: logs(line) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })

  it('is quiet of a server that is ready again after restarts, and of one that has just been started', async () => {
    const again = { restartCount: 2, lastState: crashed({ at: 600 }).lastState }
    const server = (patch: Parameters<typeof pod>[1]) =>
      nameServer().map((one) =>
        one.kind === 'Pod'
          ? pod('kube-system/coredns-5d4f7c8b9-abcde', {
              owner: 'ReplicaSet/coredns-5d4f7c8b9',
              labels: { 'k8s-app': 'kube-dns' },
              ...patch,
            })
          : one,
      )
    const restarted = server({ containers: [{ name: 'coredns', status: again }] })
    const fresh = server({
      containers: [{ name: 'coredns' }],
      created: 90,
      status: { startTime: ago(30) },
      ready: false,
    })
    for (const objects of [restarted, fresh])
      expect(await evaluate(corednsApiserverWatchStale, { objects, logs: logs(line) })).toMatchObject({
        status: 'clear',
        rejections: [{}],
      })
  })
})
