import { awsQuotaExceeded } from './aws-quota-exceeded.ts'
import { caAggressiveScaleDown } from './ca-aggressive-scale-down.ts'
import { caCannotScaleUp } from './ca-cannot-scale-up.ts'
import { caOrKarpenterThrash } from './ca-or-karpenter-thrash.ts'
import { capacityUnavailableIce } from './capacity-unavailable-ice.ts'
import { hpaMaxed } from './hpa-maxed.ts'
import { hpaMetricsUnknown } from './hpa-metrics-unknown.ts'
import { hpaThrash } from './hpa-thrash.ts'
import { hpaVsGitopsReplicaFight } from './hpa-vs-gitops-replica-fight.ts'
import { karpenterDisruptionBlocked } from './karpenter-disruption-blocked.ts'
import { karpenterNoMatchingInstance } from './karpenter-no-matching-instance.ts'
import { karpenterNodeNotInitialized } from './karpenter-node-not-initialized.ts'
import { karpenterNodepoolLimit } from './karpenter-nodepool-limit.ts'

/** Failure modes of autoscalers, of pods and of nodes. */
export const autoscaling = [
  awsQuotaExceeded,
  caAggressiveScaleDown,
  caCannotScaleUp,
  caOrKarpenterThrash,
  capacityUnavailableIce,
  hpaMaxed,
  hpaMetricsUnknown,
  hpaThrash,
  hpaVsGitopsReplicaFight,
  karpenterDisruptionBlocked,
  karpenterNoMatchingInstance,
  karpenterNodeNotInitialized,
  karpenterNodepoolLimit,
] as const
