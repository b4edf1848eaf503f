import type { Collector } from '../src/collector.ts'
import { askInside } from './ask-inside.ts'

/** Which containers and sandboxes the runtime has, whatever the kubelet and the API server think. */
export const runtime: Collector = {
  id: 'runtime',
  title: 'Containers as the runtime sees them',
  volatility: 2,
  scope: 'node',
  ways: ['probe'],
  reads: [],
  // What containers are annotated with is written by users.
  collect: (context) => askInside(context, runtime, { content: { type: 'log' } }),
}
