import { describe, expect, it } from 'vitest'
import { apiserverOrEtcdSlow } from '../../../src/rules/control-plane/apiserver-or-etcd-slow.ts'
import { event, pod, thing } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const PLACE = 'ops/operator-6c8f7d9b5-abcde'
const sick = pod(PLACE, { owner: 'ReplicaSet/operator-6c8f7d9b5', ready: false })
const log = (line: string) => ({ [`${PLACE}/app`]: `2026-02-01T11:58:00Z ${line}` })

describe('apiserver-or-etcd-slow', () => {
  it('believes the API server that a check of its own fails', async () => {
    const files = { 'apiserver/readyz.txt': '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n' }
    expect((await evaluate(apiserverOrEtcdSlow, { objects: [], files })).findings[0]).toMatchObject({
      kind: 'cause',
      strength: 'proof',
    })
  })

  it('believes etcd that it is full', async () => {
    const full = event(
      'shop',
      'ReplicaSet/web-6c8f7d9b5',
      'FailedCreate',
      'Error creating: etcdserver: mvcc: database space exceeded',
    )
    expect((await evaluate(apiserverOrEtcdSlow, { objects: [full] })).findings[0]?.says).toContain(
      'full and only lets read',
    )
  })

  it('takes timeouts of the store for strong', async () => {
    const outcome = await evaluate(apiserverOrEtcdSlow, {
      objects: [sick],
      logs: log('E0201 error retrieving resource lock: etcdserver: request timed out'),
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('is quiet of a slow disk that nobody notices, and of an aggregated API', async () => {
    const etcd = pod('kube-system/etcd-control-plane')
    const logs = {
      'kube-system/etcd-control-plane/app':
        '2026-02-01T11:58:00Z {"level":"warn","msg":"apply request took too long","took":"120ms"}',
    }
    expect(await evaluate(apiserverOrEtcdSlow, { objects: [etcd], logs })).toMatchObject({
      findings: [],
      rejections: [{}],
    })
    const api = thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
      status: { conditions: [{ type: 'Available', status: 'False' }] },
    })
    const late = log('E0201 the server is currently unable to handle the request (get pods.metrics.k8s.io)')
    expect((await evaluate(apiserverOrEtcdSlow, { objects: [sick, api], logs: late })).status).toBe('clear')
  })

  it('is a risk where the store is nearly full', async () => {
    const files = { 'apiserver/metrics.txt': 'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 8.1e+09\n' }
    expect((await evaluate(apiserverOrEtcdSlow, { objects: [], files })).findings).toMatchObject([{ kind: 'risk' }])
  })

  it('is quiet of a check that tells nothing of the store, and of one timeout of a program that is well', async () => {
    const hook = '[+]etcd ok\n[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\nreadyz check failed\n'
    const files = { 'apiserver/readyz.txt': hook }
    expect(await evaluate(apiserverOrEtcdSlow, { objects: [], files })).toMatchObject({
      status: 'clear',
      rejections: [],
    })
    const well = pod(PLACE, { owner: 'ReplicaSet/operator-6c8f7d9b5' })
    const once = log('E0201 error retrieving resource lock: etcdserver: request timed out')
    expect((await evaluate(apiserverOrEtcdSlow, { objects: [well], logs: once })).status).toBe('clear')
  })

  it('takes timeouts of several clients for strong, unless an aggregated API is down', async () => {
    const place = 'shop/syncer-6c8f7d9b5-abcde'
    const other = pod(place, { owner: 'ReplicaSet/syncer-6c8f7d9b5', ready: false })
    const late =
      'E0201 11:58:00.000000       1 leaderelection.go:327] error retrieving resource lock: the server was unable to return a response in the time allotted, but may still be processing the request (get leases.coordination.k8s.io)'
    const logs = { ...log(late), [`${place}/app`]: `2026-02-01T11:58:00Z ${late}` }
    const api = thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
      status: { conditions: [{ type: 'Available', status: 'False' }] },
    })
    expect((await evaluate(apiserverOrEtcdSlow, { objects: [sick, other], logs })).findings[0]).toMatchObject({
      strength: 'strong',
    })
    expect((await evaluate(apiserverOrEtcdSlow, { objects: [sick, other, api], logs })).status).toBe('clear')
    expect((await evaluate(apiserverOrEtcdSlow, { objects: [sick], logs: log(late) })).status).toBe('clear')
  })
})
