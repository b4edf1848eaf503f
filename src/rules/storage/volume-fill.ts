import type { Citation } from '../../incident/citation.ts'
import { citeFigure, type Figure, type VolumeUsage } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import { showBytes } from '../../incident/quantity.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'

/** How full the volume of a claim is, as the kubelet measured it. */
export interface VolumeFill {
  readonly claim: Ref
  /** What is left of bytes or inodes, whichever is less, 0 to 1. */
  readonly left: number
  readonly says: string
  readonly citation: Citation
}

/** Volumes that kubelets measured, by the keys of their claims. */
export function measuredVolumes(incident: Incident): ReadonlyMap<string, VolumeFill> {
  const fills = new Map<string, VolumeFill>()
  for (const { usage } of incident.counters.nodes) {
    for (const pod of usage?.pods ?? []) {
      for (const volume of pod.volumes) {
        const fill = volume.claim === '' ? undefined : fillOf(pod.namespace, volume)
        if (fill) fills.set(keyOf(fill.claim), fill)
      }
    }
  }
  return fills
}

function fillOf(namespace: string, volume: VolumeUsage): VolumeFill | undefined {
  const claim: Ref = { kind: 'PersistentVolumeClaim', namespace, name: volume.claim }
  const bytes = shareOf(volume.available, volume.capacity)
  const inodes = shareOf(volume.inodesFree, volume.inodes)
  if (bytes === undefined || !volume.available || !volume.capacity) return undefined
  if (inodes !== undefined && inodes < bytes && volume.inodesFree && volume.inodes) {
    const says = `${volume.inodesFree.value} of ${volume.inodes.value} inodes are free`
    return { claim, left: inodes, says, citation: citeFigure(volume.inodesFree) }
  }
  const says = `${showBytes(volume.available.value)} of ${showBytes(volume.capacity.value)} are free`
  return { claim, left: bytes, says, citation: citeFigure(volume.available) }
}

/** Of a filesystem that counts none, as many network filesystems do of inodes, there is no share. */
function shareOf(free: Figure | undefined, whole: Figure | undefined): number | undefined {
  return free && whole && whole.value > 0 ? free.value / whole.value : undefined
}
