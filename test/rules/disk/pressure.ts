import { ago } from '../../incident/scene.ts'
import { node, pod } from '../../incident/things.ts'

/** A node that says that it is short of disk. */
export const pressed = node('node-1', {
  spec: { taints: [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded: ago(300) }] },
  status: {
    conditions: [
      {
        type: 'DiskPressure',
        status: 'True',
        reason: 'KubeletHasDiskPressure',
        message: 'kubelet has disk pressure',
        lastTransitionTime: ago(300),
      },
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        lastTransitionTime: ago(9000),
      },
    ],
  },
})

/** A pod that was evicted so many seconds ago, with such a message. */
export function evicted(name: string, message: string, seconds = 240) {
  const conditions = [
    { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', lastTransitionTime: ago(seconds) },
  ]
  return pod(`shop/${name}`, { ready: false, status: { phase: 'Failed', reason: 'Evicted', message, conditions } })
}
