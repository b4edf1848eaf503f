import type { Collector } from '../src/collector.ts'
import { askInside } from './ask-inside.ts'

/** What drivers of network interfaces count; that of ENA tells of the instance's allowances. */
export const ena: Collector = {
  id: 'ena',
  title: 'Counters of network interfaces',
  volatility: 1,
  scope: 'node',
  sampled: true,
  ways: ['probe'],
  reads: [],
  collect: (context) => askInside(context, ena),
}
