import type { Collector } from '../src/collector.ts'
import { askInside } from './ask-inside.ts'

const PRESSURE = '/proc/pressure'

/** The files of all cgroups, of cgroup v2 or v1, and how pressed the node is. */
export const throttling: Collector = {
  id: 'throttling',
  title: 'CPU, memory and pressure of cgroups',
  volatility: 1,
  scope: 'node',
  sampled: true,
  ways: ['exec', 'probe'],
  reads: [],
  collect: (context) =>
    askInside(context, throttling, {
      exec: [
        { file: 'pressure.txt', reads: [`${PRESSURE}/cpu`, `${PRESSURE}/io`, `${PRESSURE}/memory`] },
        ...['loadavg', 'stat', 'vmstat', 'meminfo'].map((name) => ({
          file: `${name}.txt`,
          reads: [`/proc/${name}`] as const,
        })),
      ],
    }),
}
