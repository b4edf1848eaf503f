import type { Message } from './message.ts'

/** What kube-scheduler says; `unschedulable.ts` takes its longest message apart. */
export const scheduler = {
  'unschedulable-pod': {
    component: 'kube-scheduler',
    means: 'No node takes the pod; the reasons are counted by node.',
    wordings: [
      {
        pattern: /(?<available>\d+)\/(?<nodes>\d+) nodes are available/,
        source: 'kube-scheduler pkg/scheduler/framework/types.go',
      },
    ],
  },
} satisfies Record<string, Message>
