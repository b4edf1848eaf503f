import { blockDeviceError } from './block-device-error.ts'
import { ephemeralLimitExceeded } from './ephemeral-limit-exceeded.ts'
import { imageBloatDisk } from './image-bloat-disk.ts'
import { inodeExhaustion } from './inode-exhaustion.ts'
import { logFloodDiskpressure } from './log-flood-diskpressure.ts'
import { rootVolumeIoThrottled } from './root-volume-io-throttled.ts'

/** Failure modes of the disks of nodes and of what pods write there. */
export const disk = [
  logFloodDiskpressure,
  ephemeralLimitExceeded,
  imageBloatDisk,
  inodeExhaustion,
  rootVolumeIoThrottled,
  blockDeviceError,
] as const
