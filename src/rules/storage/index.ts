import { csiControllerOrNodeDown } from './csi-controller-or-node-down.ts'
import { ebsAttachTimeoutOrStuckOnDeadNode } from './ebs-attach-timeout-or-stuck-on-dead-node.ts'
import { ebsAzMismatch } from './ebs-az-mismatch.ts'
import { ebsKmsDenied } from './ebs-kms-denied.ts'
import { ebsMultiAttach } from './ebs-multi-attach.ts'
import { ebsVolumeLimitPerNode } from './ebs-volume-limit-per-node.ts'
import { ebsVolumeThrottled } from './ebs-volume-throttled.ts'
import { efsMountFailed } from './efs-mount-failed.ts'
import { pvFull } from './pv-full.ts'
import { pvProtectionStuck } from './pv-protection-stuck.ts'
import { pvcPendingProvisioning } from './pvc-pending-provisioning.ts'
import { pvcResizeStuck } from './pvc-resize-stuck.ts'
import { statefulsetScaleReusesOldPvc } from './statefulset-scale-reuses-old-pvc.ts'

/** Failure modes of volumes and of what makes, attaches and mounts them. */
export const storage = [
  csiControllerOrNodeDown,
  pvcPendingProvisioning,
  ebsKmsDenied,
  ebsAttachTimeoutOrStuckOnDeadNode,
  ebsMultiAttach,
  ebsAzMismatch,
  ebsVolumeLimitPerNode,
  efsMountFailed,
  pvFull,
  ebsVolumeThrottled,
  pvcResizeStuck,
  pvProtectionStuck,
  statefulsetScaleReusesOldPvc,
] as const
