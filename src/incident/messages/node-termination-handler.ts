import { type Message, signaller } from './message.ts'

const signals = signaller('aws-node-termination-handler', 'pkg/observability/k8s-events.go')

/** What the handler of interruptions tells of a node. */
export const nodeTerminationHandler = {
  'spot-interruption': signals('The cloud takes a spot machine back in two minutes.', 'SpotInterruption'),
  'rebalance-recommendation': signals(
    'The cloud says that a spot machine may be taken back soon.',
    'RebalanceRecommendation',
  ),
  'instance-retirement': signals('The cloud has planned to stop, reboot or retire a machine.', 'ScheduledEvent'),
  'instance-state-change': signals('The state of a machine changed.', 'StateChange'),
  'asg-lifecycle': signals('The group of a machine ends it.', 'ASGLifecycle', 'SQSTermination'),
  'nth-drained': signals('The handler emptied a node.', 'CordonAndDrain', 'Cordon'),
  'nth-drain-failed': signals(
    'The handler could not empty a node.',
    'CordonAndDrainError',
    'CordonError',
    'PreDrainError',
    'PostDrainError',
  ),
  'nth-monitor-failed': signals('The handler cannot hear of interruptions.', 'MonitorError'),
} satisfies Record<string, Message>
