import { autorepairHaltedByGuardrail } from './autorepair-halted-by-guardrail.ts'
import { autorepairReplacedNode } from './autorepair-replaced-node.ts'
import { clusterLossOrDataCorruption } from './cluster-loss-or-data-corruption.ts'
import { crashRestartErasedLogs } from './crash-restart-erased-logs.ts'
import { gitopsSelfhealRevertsMitigation } from './gitops-selfheal-reverts-mitigation.ts'
import { manualRestartOrScaleDuringIncident } from './manual-restart-or-scale-during-incident.ts'
import { missingMetricsBlind } from './missing-metrics-blind.ts'
import { probeDrivenHealLoop } from './probe-driven-heal-loop.ts'
import { retryStormMetastable } from './retry-storm-metastable.ts'
import { secretsInEnvOrLogs } from './secrets-in-env-or-logs.ts'

/** Healing that destroys evidence, hides a cause or prolongs it. */
export const healing = [
  autorepairHaltedByGuardrail,
  autorepairReplacedNode,
  clusterLossOrDataCorruption,
  crashRestartErasedLogs,
  gitopsSelfhealRevertsMitigation,
  manualRestartOrScaleDuringIncident,
  missingMetricsBlind,
  probeDrivenHealLoop,
  retryStormMetastable,
  secretsInEnvOrLogs,
] as const
