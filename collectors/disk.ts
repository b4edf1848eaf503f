import type { Collector } from '../src/collector.ts'
import { askInside } from './ask-inside.ts'

/** How full the file systems of this machine are, by bytes and inodes, and what its disks have done. */
export const disk: Collector = {
  id: 'disk',
  title: 'File systems of nodes',
  volatility: 3,
  scope: 'node',
  ways: ['probe'],
  reads: [],
  collect: (context) => askInside(context, disk),
}
