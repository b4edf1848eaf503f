import { describe, expect, it } from 'vitest'
import { controlComponent, leadingPod } from '../../src/incident/control-component.ts'
import { ago, incidentOf, type Scene, type Thing } from './scene.ts'
import { crashed, pod, thing, wrote } from './things.ts'

const NAME = 'kube-scheduler'
const lease = (seconds: number, holder = 'cp-2_5f3c', namespace = 'kube-system', metadata = {}) =>
  thing('coordination.k8s.io/v1', 'Lease', `${namespace}/${NAME}`, {
    metadata,
    spec: { holderIdentity: holder, renewTime: ago(seconds) },
  })
const on = (node: string, options: Parameters<typeof pod>[1] = {}, namespace = 'kube-system') =>
  pod(`${namespace}/${NAME}-${node}`, { owner: `Node/${node}`, node, containers: [{ name: NAME }], ...options })
const server = pod('kube-system/kube-apiserver-cp-1', { owner: 'Node/cp-1', containers: [{ name: 'kube-apiserver' }] })
const ill = { ready: false, containers: [{ name: NAME, status: crashed() }] }
const restarted = (restarts: number, at: number) => ({
  containers: [
    {
      name: NAME,
      status: { ...crashed({ restarts, at }), ready: true, state: { running: { startedAt: ago(at - 5) } } },
    },
  ],
})
const read = async (objects: readonly Thing[], scene: Partial<Scene> = {}) =>
  controlComponent(await incidentOf({ objects, ...scene }), NAME)

describe('a program of the control plane', () => {
  it.each<[string, string, Thing[]]>([
    ['works', 'holds its lease', [lease(62)]],
    ['works', 'has one pod that is well', [on('cp-1', ill), on('cp-2')]],
    ['works', 'was restarted twice', [on('cp-1', restarted(2, 90))]],
    ['works', 'was restarted often, long ago', [on('cp-1', restarted(9, 2000))]],
    [
      'works',
      'wrote its lease, by the clock of the API server',
      [
        lease(900, 'cp-2_5f3c', 'kube-system', {
          managedFields: [wrote(NAME, 62, { 'f:spec': { 'f:renewTime': {} } })],
        }),
      ],
    ],
    ['ill', 'has no pod that is well', [on('cp-1', ill), on('cp-2', ill), lease(62)]],
    ['ill', 'is up for a moment between two crashes', [on('cp-1', restarted(6, 90))]],
    ['stands', 'does not renew its lease', [on('cp-1'), lease(900)]],
    ['stands', 'has its lease in a namespace of its own', [lease(900, 'cp-1_1', 'openshift-kube-scheduler')]],
    ['missing', 'has no pod beside the API server', [server]],
    ['missing', 'has only a pod that goes', [server, on('cp-1', { metadata: { deletionTimestamp: ago(10) } })]],
    ['missing', 'has only a pod that ended', [server, on('cp-1', { ready: false, status: { phase: 'Succeeded' } })]],
    ['missing', 'has only a pod elsewhere that is called so', [server, on('cp-1', {}, 'shop')]],
    [
      'missing',
      'has only a pod of another program',
      [server, pod('kube-system/web', { containers: [{ name: 'web' }] })],
    ],
    ['hidden', 'is run by others', []],
  ])('%s where it %s', async (state, _, objects) => {
    expect((await read(objects)).state).toBe(state)
  })

  it('is hidden where pods may not be read', async () => {
    expect((await read([server], { denied: ['pods'] })).state).toBe('hidden')
  })

  it('is led by the pod that holds its lease, else by any', async () => {
    const pods = [on('cp-1'), on('cp-2')]
    expect(leadingPod(await read([...pods, lease(900)]))?.ref.name).toBe('kube-scheduler-cp-2')
    for (const other of [lease(900, ''), lease(900, 'cp-3_1')])
      expect(leadingPod(await read([...pods, other]))?.ref.name).toBe('kube-scheduler-cp-1')
  })

  it('cites its pods, and its lease only where that stood still', async () => {
    expect((await read([on('cp-1', ill), lease(62)])).cites.map(({ words }) => words)).toEqual(['False'])
    const both = await read([on('cp-1', ill), lease(900)])
    expect(both.cites.map(({ words }) => words)).toEqual(['False', ago(900)])
    expect(both.says).toContain('its lease was last renewed at')
  })
})
