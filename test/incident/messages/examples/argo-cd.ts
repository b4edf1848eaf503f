import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'apply-conflict',
    '',
    'Apply failed with 1 conflict: conflict with "kube-controller-manager" using apps/v1: .spec.replicas',
    { count: '1', manager: 'kube-controller-manager', version: 'apps/v1', field: '.spec.replicas' },
  ],
  [
    'argo-sync-failed',
    '',
    'one or more objects failed to apply, reason: Deployment.apps "web" is invalid',
    { cause: 'Deployment.apps "web" is invalid' },
  ],
  ['argo-synced', 'OperationCompleted', 'Sync operation to 0ab12cd succeeded', { revision: '0ab12cd' }],
  [
    'argo-sync-started',
    'OperationStarted',
    "Initiated automated sync to '0ab12cd'",
    { automated: 'automated', revision: '0ab12cd' },
  ],
  [
    'argo-status-changed',
    'ResourceUpdated',
    'Updated health status: Healthy -> Degraded',
    { what: 'health', from: 'Healthy', to: 'Degraded' },
  ],
  [
    'argo-manifests-failed',
    '',
    'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error',
    { cause: 'failed to generate manifest for source 1 of 1: rpc error' },
  ],
  [
    'removed-api-used',
    '',
    'error: resource mapping not found for name: "web" namespace: "" from "x.yaml": no matches for kind "Ingress" in version "extensions/v1beta1"',
    { kind: 'Ingress', version: 'extensions/v1beta1' },
  ],
  [
    'removed-api-used',
    '',
    'unable to build kubernetes objects from current release manifest: resource mapping not found',
    { cause: ' current release manifest: resource mapping not found' },
  ],
  [
    'helm-upgrade-failed',
    '',
    'Error: UPGRADE FAILED: timed out waiting for the condition',
    { cause: 'timed out waiting for the condition' },
  ],
  [
    'flux-reconcile-failed',
    'ReconciliationFailed',
    'Reconciliation failed after 5m0s: health check failed',
    { cause: 'health check failed' },
  ],
  [
    'helm-release-locked',
    'UpgradeFailed',
    'Helm upgrade failed for release shop/api with chart api@2.1.0: another operation (install/upgrade/rollback) is in progress',
    { release: 'shop/api' },
  ],
  [
    'helm-release-locked',
    '',
    '{"level":"error","ts":"2026-02-01T11:59:00.000Z","msg":"Reconciler error","controller":"helmrelease","controllerGroup":"helm.toolkit.fluxcd.io","controllerKind":"HelmRelease","HelmRelease":{"name":"web","namespace":"flux-system"},"namespace":"flux-system","name":"web","reconcileID":"0b1c","error":"Helm upgrade failed for release shop/api with chart api@2.1.0: another operation (install/upgrade/rollback) is in progress"}',
    { object: 'web', namespace: 'flux-system', release: 'shop/api' },
  ],
  ['helm-release-locked', '', 'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress', {}],
]
