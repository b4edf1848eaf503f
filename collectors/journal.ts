import type { Collector } from '../src/collector.ts'
import { askInside } from './ask-inside.ts'
import { chooseEndedPods } from './ended-pods.ts'

/** What the kernel, the kubelet and the runtime have written, and the last of what ended pods have. */
export const journal: Collector = {
  id: 'journal',
  title: 'Messages of the kernel and the node',
  volatility: 2,
  scope: 'node',
  ways: ['probe'],
  reads: [],
  collect: (context) =>
    askInside(context, journal, {
      content: { type: 'log' },
      choose: ({ path, body }) => (path === 'ended-pods.txt' ? chooseEndedPods(body, context.settings) : body),
    }),
}
