import { setFlagsFromString } from 'node:v8'

/**
 * Pages live outside of V8's heap and the objects made for each are soon gone, so a larger space for young ones only fills up: without this
 * the process of a large capture grows by 50 MiB, and takes as long. V8 reads the flag whenever that space would grow
 * (SemiSpaceNewSpace::Grow, v8/src/heap/new-spaces.cc).
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
