import { describe, expect, it } from 'vitest'
import { isDeliberate, kindOfManager } from '../../src/incident/changes/manager.ts'
import type { RecentChange } from '../../src/incident/recent-change.ts'
import { describeRef } from '../../src/incident/reference.ts'
import { ago, incidentOf, type Thing } from './scene.ts'
import { event, node, pod, replicaSet, thing, workload, wrote } from './things.ts'

async function changesOf(...objects: Thing[]): Promise<readonly RecentChange[]> {
  return (await incidentOf({ objects })).changes
}

async function told(...objects: Thing[]): Promise<string[]> {
  return (await changesOf(...objects)).map(({ what, about, by }) => `${what} ${describeRef(about)} ${by}`.trim())
}

const at = (seconds: number) => ({ metadata: { creationTimestamp: ago(seconds) } })
const managed = (...managedFields: unknown[]) => ({ metadata: { managedFields } })
const template = { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': {} } } } }

describe('recent changes', () => {
  it('takes a new ReplicaSet for a rollout, and who wrote the template for its author', async () => {
    const web = workload('Deployment', 'shop/web', managed(wrote('helm', 601, template)))
    const old = replicaSet('shop/web-aaa', 'web', 1, at(600_000))
    expect(await told(web, old, replicaSet('shop/web-bbb', 'web', 2, at(600)))).toEqual([
      'rollout Deployment shop/web helm',
    ])
    expect(await told(web, old, replicaSet('shop/web-bbb', 'web', 2, at(90_000)))).toEqual([])
  })

  it('takes the second ReplicaSet of a Deployment that was made a moment before for a rollout, and the first for its making', async () => {
    const web = workload('Deployment', 'shop/web', at(640))
    const first = replicaSet('shop/web-aaa', 'web', 1, at(639))
    expect(await told(web, first)).toEqual(['created Deployment shop/web'])
    expect(await told(web, first, replicaSet('shop/web-bbb', 'web', 2, at(600)))).toEqual([
      'created Deployment shop/web',
      'rollout Deployment shop/web',
    ])
  })

  it('takes what a node is told once, when it joins, for no change of it', async () => {
    const written = (field: string) =>
      node('node-1', managed(wrote('kubectl-patch', 300, { 'f:spec': { [field]: {} } })))
    expect(await told(written('f:providerID'))).toEqual([])
    expect(await told(written('f:podCIDR'))).toEqual([])
    expect(await told(written('f:externalID'))).toEqual(['spec Node node-1 kubectl-patch'])
  })

  it('tells a restart from a rollout by what differs', async () => {
    const restarted = { 'kubectl.kubernetes.io/restartedAt': ago(600) }
    const next = replicaSet('shop/web-bbb', 'web', 2, {
      ...at(600),
      spec: { template: { metadata: { annotations: restarted } } },
    })
    const web = workload('Deployment', 'shop/web')
    const old = replicaSet('shop/web-aaa', 'web', 1, at(600_000))
    expect(await told(web, old, next)).toEqual(['restart Deployment shop/web'])
    const other = { spec: { template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:0' }] } } } }
    expect(await told(web, replicaSet('shop/web-aaa', 'web', 1, { ...at(600_000), ...other }), next)).toEqual([
      'rollout Deployment shop/web',
    ])
  })

  it('sees the return to an old ReplicaSet', async () => {
    const web = workload('Deployment', 'shop/web', managed(wrote('kubectl-rollout', 300, template)))
    const back = replicaSet('shop/web-aaa', 'web', 3, {
      metadata: {
        creationTimestamp: ago(600_000),
        annotations: { 'deployment.kubernetes.io/revision-history': '1' },
        managedFields: [wrote('kube-controller-manager', 299, { 'f:spec': { 'f:replicas': {} } })],
      },
    })
    expect(await told(web, back, replicaSet('shop/web-bbb', 'web', 2, at(90_000)))).toEqual([
      'rollout Deployment shop/web kubectl-rollout',
    ])
  })

  it('takes a new revision of a StatefulSet for a rollout, once beside the write of it', async () => {
    const made = (revision: number, seconds: number) =>
      thing('apps/v1', 'ControllerRevision', `shop/db-${revision}`, {
        metadata: {
          creationTimestamp: ago(seconds),
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'uid-db', controller: true },
          ],
        },
        revision,
      })
    const one = pod('shop/db-0', { owner: 'StatefulSet/db', created: 500 })
    const bare = workload('StatefulSet', 'shop/db')
    expect(await told(bare, made(1, 604_800), made(2, 600), one)).toEqual(['rollout StatefulSet shop/db'])
    const written = workload('StatefulSet', 'shop/db', managed(wrote('kubectl-edit', 601, template)))
    expect(await told(written, made(2, 600), one)).toEqual(['rollout StatefulSet shop/db kubectl-edit'])
  })

  it('takes the write of a template of a StatefulSet for a rollout only where pods followed', async () => {
    const db = workload('StatefulSet', 'shop/db', managed(wrote('kubectl-edit', 600, template)))
    const one = (created: number) => pod('shop/db-0', { owner: 'StatefulSet/db', created })
    expect(await told(db, one(500))).toEqual(['rollout StatefulSet shop/db kubectl-edit'])
    expect(await told(db, one(5000))).toEqual(['spec StatefulSet shop/db kubectl-edit'])
  })

  it('finds scaling by its subresource and by its events', async () => {
    const replicas = { 'f:spec': { 'f:replicas': {} } }
    const web = workload('Deployment', 'shop/web', managed(wrote('kubectl', 300, replicas, 'Update', 'scale')))
    expect(await told(web)).toEqual(['scale Deployment shop/web kubectl'])
    const said = 'Scaled down replica set web-aaa from 3 to 0'
    const scaled = event('shop', 'Deployment/web', 'ScalingReplicaSet', said, { type: 'Normal', last: 200 })
    const plain = workload('Deployment', 'shop/web')
    expect(await told(plain, replicaSet('shop/web-aaa', 'web', 1, at(600_000)), scaled)).toEqual([
      'scale Deployment shop/web',
    ])
    expect(await told(plain, replicaSet('shop/web-aaa', 'web', 1, at(300)), scaled)).toEqual([
      'rollout Deployment shop/web',
    ])
  })

  it('tells who wrote data, and leaves out what controllers remember', async () => {
    const data = { 'f:data': { 'f:url': {} } }
    const written = (name: string, manager: string) =>
      thing('v1', 'ConfigMap', `shop/${name}`, managed(wrote(manager, 300, data)))
    expect(
      await told(
        written('settings', 'kubectl-edit'),
        written('kube-root-ca.crt', 'kubectl-edit'),
        written('some-leader-election', 'my-app'),
        written('state', 'my-operator'),
        written('unused', 'my-app'),
      ),
    ).toEqual(['config ConfigMap shop/settings kubectl-edit'])
  })

  it('tells who wrote policies, labels of namespaces and taints, but not what controllers write', async () => {
    const spec = { 'f:spec': { 'f:egress': {} } }
    const labels = { 'f:metadata': { 'f:labels': { 'f:pod-security.kubernetes.io/enforce': {} } } }
    expect(
      await told(
        thing('networking.k8s.io/v1', 'NetworkPolicy', 'shop/deny', managed(wrote('argocd-controller', 300, spec))),
        thing('v1', 'Namespace', 'shop', managed(wrote('kubectl-label', 200, labels))),
        node('node-1', managed(wrote('kubectl-taint', 100, { 'f:spec': { 'f:taints': {} } }))),
        node('node-2', managed(wrote('kube-controller-manager', 90, { 'f:spec': { 'f:taints': {} } }))),
        thing('policy/v1', 'PodDisruptionBudget', 'shop/web', managed(wrote('kube-controller-manager', 80, spec))),
      ),
    ).toEqual([
      'spec NetworkPolicy shop/deny argocd-controller',
      'labels Namespace shop kubectl-label',
      'spec Node node-1 kubectl-taint',
    ])
  })

  it('knows what appeared, unless somebody owns it or the cluster was born with it', async () => {
    const owned = { metadata: { creationTimestamp: ago(60), ownerReferences: [{ kind: 'CronJob', name: 'nightly' }] } }
    expect(
      await told(
        thing('v1', 'ResourceQuota', 'shop/small', at(120)),
        thing('batch/v1', 'Job', 'shop/nightly-1', owned),
        thing('v1', 'ConfigMap', 'shop/kube-root-ca.crt', at(120)),
      ),
    ).toEqual(['created ResourceQuota shop/small'])
    const young = [thing('v1', 'Namespace', 'kube-system', at(500)), node('node-1', at(400))]
    expect(await told(...young)).toEqual([])
  })

  it('follows nodes that came, were cordoned, and are gone', async () => {
    const cordoned = {
      spec: {
        unschedulable: true,
        taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: ago(50) }],
      },
      ...managed(wrote('kubectl-cordon', 50, { 'f:spec': { 'f:unschedulable': {} } })),
    }
    expect(
      await told(
        node('node-1', at(300)),
        node('node-2', cordoned),
        event('', 'Node/node-3', 'RemovingNode', 'Node node-3 event: Removing Node node-3 from Controller', {
          last: 200,
          component: 'node-controller',
        }),
      ),
    ).toEqual([
      'node-added Node node-1',
      'node-removed Node node-3 node-controller',
      'node-cordoned Node node-2 kubectl-cordon',
    ])
  })

  it('reads the history of Argo CD', async () => {
    const application = thing('argoproj.io/v1alpha1', 'Application', 'argocd/shop', {
      status: { history: [{ deployedAt: ago(300), revision: 'abc', initiatedBy: { automated: true } }] },
    })
    expect(await told(application)).toEqual(['sync Application argocd/shop argocd'])
  })

  it('knows managers by what they are called', () => {
    expect(kindOfManager('kubectl-client-side-apply')).toBe('person')
    expect(kindOfManager('kustomize-controller')).toBe('delivery')
    expect(kindOfManager('deployment-controller')).toBe('controller')
    expect(kindOfManager('kube-controller-manager')).toBe('controller')
    expect(kindOfManager('payments-tool')).toBe('unknown')
    expect(isDeliberate('cert-manager-cainjector')).toBe(false)
  })
})
