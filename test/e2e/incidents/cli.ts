import { badCommandAfterRollout } from './bad-command-after-rollout.ts'
import { cpuThrottlingLivenessKills } from './cpu-throttling-liveness-kills.ts'
import { crashLoopAfterConfigChange } from './crash-loop-after-config-change.ts'
import { everybodyUnreadyBehindOneBank } from './everybody-unready-behind-one-bank.ts'
import { everythingBrokenAtOnce } from './everything-broken-at-once.ts'
import { exportsEvictedForTheirOwnFiles } from './exports-evicted-for-their-own-files.ts'
import { imageMissingAfterRollout } from './image-missing-after-rollout.ts'
import { invoicesWaitForMissingTaxes } from './invoices-wait-for-missing-taxes.ts'
import { logFloodEvictsNeighbours } from './log-flood-evicts-neighbours.ts'
import { lookupsTimeOutWhileNewsletterChecks } from './lookups-time-out-while-newsletter-checks.ts'
import { namesUnresolvedAfterCorefileEdit } from './names-unresolved-after-corefile-edit.ts'
import { namesUnresolvedWithoutDns } from './names-unresolved-without-dns.ts'
import { newConnectionsDroppedOnOneNode } from './new-connections-dropped-on-one-node.ts'
import { noAddressesForNewPods } from './no-addresses-for-new-pods.ts'
import { noNewPodsBehindDeadWebhook } from './no-new-pods-behind-dead-webhook.ts'
import { nodeLost } from './node-lost.ts'
import { nothingWrong } from './nothing-wrong.ts'
import { oldAddressAfterLedgerMoved } from './old-address-after-ledger-moved.ts'
import { oneQuotesPodDoesAllTheWork } from './one-quotes-pod-does-all-the-work.ts'
import { oomKillAfterLimitCut } from './oom-kill-after-limit-cut.ts'
import { paymentsKilledWhileBankIsDown } from './payments-killed-while-bank-is-down.ts'
import { paymentsPendingBehindBatch } from './payments-pending-behind-batch.ts'
import { paymentsUnreachableAfterSelectorChange } from './payments-unreachable-after-selector-change.ts'
import { pendingAfterNodeLabelRemoved } from './pending-after-node-label-removed.ts'
import { podsRefusedAfterNamespaceLabel } from './pods-refused-after-namespace-label.ts'
import { podsRefusedAfterSeveralUpdates } from './pods-refused-after-several-updates.ts'
import { podsTerminatingAfterOperatorRemoved } from './pods-terminating-after-operator-removed.ts'
import { record } from './record.ts'
import { replicasFoughtOverByHpaAndGitops } from './replicas-fought-over-by-hpa-and-gitops.ts'
import { rolloutInProgress } from './rollout-in-progress.ts'
import { scaleUpStoppedByQuota } from './scale-up-stopped-by-quota.ts'
import { settingsKeyMissingAfterRollout } from './settings-key-missing-after-rollout.ts'
import { settlementsResetAfterSilence } from './settlements-reset-after-silence.ts'
import { stampsLateBehindAShortQueue } from './stamps-late-behind-a-short-queue.ts'
import { stockSyncsPileUp } from './stock-syncs-pile-up.ts'
import type { Story } from './story.ts'
import { twoIncidentsAtOnce } from './two-incidents-at-once.ts'
import { unschedulableAfterRollout } from './unschedulable-after-rollout.ts'
import { volumeWaitsForMissingClass } from './volume-waits-for-missing-class.ts'
import { warningsThatAreOver } from './warnings-that-are-over.ts'

const STORIES: readonly Story[] = [
  crashLoopAfterConfigChange,
  cpuThrottlingLivenessKills,
  unschedulableAfterRollout,
  nothingWrong,
  rolloutInProgress,
  imageMissingAfterRollout,
  oomKillAfterLimitCut,
  settingsKeyMissingAfterRollout,
  oldAddressAfterLedgerMoved,
  everybodyUnreadyBehindOneBank,
  paymentsKilledWhileBankIsDown,
  podsTerminatingAfterOperatorRemoved,
  paymentsPendingBehindBatch,
  noNewPodsBehindDeadWebhook,
  scaleUpStoppedByQuota,
  podsRefusedAfterNamespaceLabel,
  paymentsUnreachableAfterSelectorChange,
  volumeWaitsForMissingClass,
  nodeLost,
  pendingAfterNodeLabelRemoved,
  badCommandAfterRollout,
  twoIncidentsAtOnce,
  namesUnresolvedWithoutDns,
  logFloodEvictsNeighbours,
  replicasFoughtOverByHpaAndGitops,
  everythingBrokenAtOnce,
  settlementsResetAfterSilence,
  noAddressesForNewPods,
  oneQuotesPodDoesAllTheWork,
  newConnectionsDroppedOnOneNode,
  podsRefusedAfterSeveralUpdates,
  namesUnresolvedAfterCorefileEdit,
  invoicesWaitForMissingTaxes,
  exportsEvictedForTheirOwnFiles,
  stockSyncsPileUp,
  warningsThatAreOver,
  lookupsTimeOutWhileNewsletterChecks,
  stampsLateBehindAShortQueue,
]

const USAGE = `usage: npm run record -- INCIDENT …\nIncidents: ${STORIES.map((story) => story.name).join(', ')}`

/** `npm run record`: makes the bundles of `fixtures/incidents/` anew; some four minutes each, as root, with Go. */
async function main(names: readonly string[]): Promise<void> {
  const stories = STORIES.filter((story) => names.includes(story.name))
  if (names.length === 0 || stories.length < names.length) {
    console.error(USAGE)
    process.exitCode = 2
    return
  }
  for (const story of stories) await record(story)
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
