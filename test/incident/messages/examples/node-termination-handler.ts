import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'spot-interruption',
    'SpotInterruption',
    'Spot ITN received. Instance will be interrupted at 2026-01-12T10:02:00Z',
    {},
  ],
  [
    'rebalance-recommendation',
    'RebalanceRecommendation',
    'Rebalance recommendation received. Instance will be cordoned at 2026-01-12T10:02:00Z',
    {},
  ],
  ['instance-retirement', 'ScheduledEvent', 'instance-retirement will occur between 2026-01-14 and 2026-01-15', {}],
  ['instance-state-change', 'StateChange', 'EC2 State Change event received. Instance i-0ab went into stopping', {}],
  ['asg-lifecycle', 'ASGLifecycle', 'ASG Lifecycle Termination event received.', {}],
  ['nth-drained', 'CordonAndDrain', 'Node successfully cordoned and drained', {}],
  [
    'nth-drain-failed',
    'CordonAndDrainError',
    'There was a problem while trying to cordon and drain the node: timeout',
    {},
  ],
  ['nth-monitor-failed', 'MonitorError', "There was a problem monitoring for events in monitor 'SPOT_ITN'", {}],
]
