import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'node-group-max-size',
    'NotTriggerScaleUp',
    "pod didn't trigger scale-up: 2 max node group size reached",
    { count: '2' },
  ],
  [
    'cluster-max-size',
    'NotTriggerScaleUp',
    "pod didn't trigger scale-up: 1 max cluster cpu, memory limit reached",
    { resource: 'cpu, memory' },
  ],
  [
    'node-group-in-backoff',
    'NotTriggerScaleUp',
    "pod didn't trigger scale-up: 1 in backoff after failed scale-up",
    { count: '1' },
  ],
  [
    'node-group-not-ready',
    'NotTriggerScaleUp',
    "pod didn't trigger scale-up: 1 not ready for scale-up",
    { count: '1' },
  ],
  [
    'ca-cannot-scale-up',
    'NotTriggerScaleUp',
    "pod didn't trigger scale-up (it wouldn't fit if a new node is added): 2 node(s) didn't match node selector",
    {},
  ],
  [
    'ca-triggered-scale-up',
    'TriggeredScaleUp',
    'pod triggered scale-up: [{eks-workers-0ab 1->2 (max: 5)}]',
    { groups: '{eks-workers-0ab 1->2 (max: 5)}' },
  ],
  [
    'ca-scale-up-failed',
    'FailedToScaleUpGroup',
    'Scale-up failed for group eks-workers-0ab: failed to increase ASG size',
    { group: 'eks-workers-0ab', cause: 'failed to increase ASG size' },
  ],
  [
    'ca-scale-up-failed',
    '',
    'Failed to increase node group size by 1: InsufficientInstanceCapacity',
    { cause: 'InsufficientInstanceCapacity' },
  ],
  [
    'ca-scale-up-failed',
    '',
    'Failed adding 2 nodes (2 unseen previously) to group eks-workers-0ab due to placeholder-cannot-be-fulfilled; errorMessages=[]',
    { count: '2', group: 'eks-workers-0ab', cause: 'placeholder-cannot-be-fulfilled' },
  ],
  [
    'ca-scale-up-timed-out',
    'ScaleUpTimedOut',
    'Scale-up timed out for node group eks-workers-0ab after 15m1s',
    { group: 'eks-workers-0ab' },
  ],
  [
    'ca-scale-up-timed-out',
    'ScaleUpTimedOut',
    'Nodes added to group eks-workers-0ab failed to register within 15m1s',
    { group: 'eks-workers-0ab', time: '15m1s' },
  ],
  ['ca-scale-up-failing', 'FailedToScaleUpGroup', 'Scale-up failed', {}],
  [
    'ca-scaled-up',
    'ScaledUpGroup',
    'Scale-up: setting group eks-workers-0ab size to 4 instead of 3 (max: 5)',
    { group: 'eks-workers-0ab', size: '4', from: '3' },
  ],
  [
    'ca-scaled-up',
    'ScaledUpGroup',
    'Scale-up: group eks-workers-0ab size set to 4 instead of 3 (max: 5)',
    { group: 'eks-workers-0ab', size: '4', from: '3' },
  ],
  ['ca-scale-down', 'ScaleDown', 'marked the node as toBeDeleted/unschedulable', {}],
  ['ca-scale-down', 'ScaleDown', 'deleting pod for node scale down', {}],
  ['ca-scale-down-signalled', 'ScaleDownEmpty', 'Scale-down: removing empty node worker-3', {}],
  ['ca-scale-down-failed', 'ScaleDownFailed', 'failed to drain the node, aborting ScaleDown', {}],
  ['ca-unhealthy', 'ClusterUnhealthy', 'Cluster has no ready nodes.', {}],
  [
    'unregistered-node-removed',
    'DeleteUnregistered',
    'Removed unregistered node aws:///eu-west-1a/i-0ab',
    { node: 'aws:///eu-west-1a/i-0ab' },
  ],
]
