import { describe, expect, it } from 'vitest'
import { csiControllerOrNodeDown as rule } from '../../../src/rules/storage/csi-controller-or-node-down.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, event, node, pod, replicaSet, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { claim, notMounted, pendingClaim, unplaced, waits } from './volumes.ts'

const awaited = (provisioner: string) =>
  event(
    'shop',
    'PersistentVolumeClaim/data-db-0',
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
    { type: 'Normal', component: 'persistentvolume-controller', first: 880, last: 30, count: 40 },
  )

/** The part of a driver that makes volumes. */
function provisioner(
  name: string,
  container: Record<string, unknown>,
  isWell: boolean,
  replicas = 1,
): readonly Thing[] {
  const containers = [{ name: 'provisioner', ...container }]
  const one = pod(`storage/${name}-6b7c8d9f5-aaaaa`, {
    owner: `ReplicaSet/${name}-6b7c8d9f5`,
    ready: isWell,
    spec: { containers },
    status: {
      containerStatuses: [
        { name: 'provisioner', ready: isWell, restartCount: 0, ...(isWell ? { state: { running: {} } } : crashed()) },
      ],
    },
  })
  return [
    workload('Deployment', `storage/${name}`, { spec: { template: { spec: { containers } } } }, replicas),
    replicaSet(`storage/${name}-6b7c8d9f5`, name, 1),
    ...(replicas > 0 ? [one] : []),
  ]
}

const CEPH = 'rook-ceph.rbd.csi.ceph.com'
const local = { image: 'docker.io/rancher/local-path-provisioner:v0.0.30' }
const nfs = {
  image: 'registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2',
  env: [{ name: 'PROVISIONER_NAME', value: 'k8s-sigs.io/filer' }],
}

describe('csi-controller-or-node-down: provisioners of all kinds', () => {
  it.each([
    ['rancher.io/local-path', 'local-path-provisioner', local],
    ['k8s-sigs.io/filer', 'nfs-client', nfs],
  ])('says that what makes volumes of %s does not run', async (driver, name, container) => {
    const waiting = [node('node-1'), pendingClaim(), unplaced(), awaited(driver)]
    const down = await evaluate(rule, { objects: [...waiting, ...provisioner(name, container, false)] })
    expect(subjectsOf(down)).toEqual([`Deployment storage/${name}`])
    expect(down.findings[0]).toMatchObject({ kind: 'mechanism' })
    expect(down.findings[0]?.affects).toContainEqual({
      kind: 'PersistentVolumeClaim',
      namespace: 'shop',
      name: 'data-db-0',
    })
    const off = await evaluate(rule, { objects: [...waiting, ...provisioner(name, container, false, 0)] })
    expect(off.findings[0]).toMatchObject({ kind: 'cause', subject: { name } })
    const well = await evaluate(rule, { objects: [...waiting, ...provisioner(name, container, true)] })
    expect(well.findings).toEqual([])
  })

  it('says that nobody serves a provisioner, once it has had time', async () => {
    const of = (seconds: number) => ({
      objects: [node('node-1'), pendingClaim(seconds), awaited('nfs.example.com/fast')],
    })
    const outcome = await evaluate(rule, of(900))
    expect(subjectsOf(outcome)).toEqual(['CSIDriver nfs.example.com/fast'])
    expect((await evaluate(rule, of(10))).findings).toEqual([])
  })

  it('is quiet about drivers that a cloud runs out of sight, and without pods', async () => {
    const objects = [node('node-1'), pendingClaim(), awaited('pd.csi.storage.gke.io')]
    const managed = thing('storage.k8s.io/v1', 'CSIDriver', 'pd.csi.storage.gke.io')
    expect((await evaluate(rule, { objects: [...objects, managed] })).findings).toEqual([])
    expect((await evaluate(rule, { objects, denied: ['pods'] })).status).toBe('not-evaluated')
  })

  it('names the part of the driver that does not run on the node', async () => {
    const registrar = {
      name: 'driver-registrar',
      image: 'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.13.0',
      args: [`--kubelet-registration-path=/var/lib/kubelet/plugins/${CEPH}/csi.sock`],
    }
    const plugin = (ready: boolean) => [
      workload('DaemonSet', 'rook-ceph/csi-rbdplugin', { spec: { template: { spec: { containers: [registrar] } } } }),
      pod('rook-ceph/csi-rbdplugin-x1', {
        owner: 'DaemonSet/csi-rbdplugin',
        ready,
        containers: [{ name: 'driver-registrar', image: registrar.image, ...(ready ? {} : { status: crashed() }) }],
      }),
    ]
    const said = notMounted(
      `MountVolume.MountDevice failed for volume "pv-1" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ${CEPH} not found in the list of registered CSI drivers`,
    )
    const outcome = await evaluate(rule, { objects: [node('node-1'), claim(), waits(), said, ...plugin(false)] })
    expect(subjectsOf(outcome)).toEqual(['DaemonSet rook-ceph/csi-rbdplugin'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism', strength: 'proof' })
    const young = node('node-1', { metadata: { creationTimestamp: ago(60) } })
    expect((await evaluate(rule, { objects: [young, claim(), waits(), said] })).rejections).toHaveLength(1)
  })
})
