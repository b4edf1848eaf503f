import { aggregatedApiDown } from './aggregated-api-down.ts'
import { apfThrottling429 } from './apf-throttling-429.ts'
import { apiserverOrEtcdSlow } from './apiserver-or-etcd-slow.ts'
import { awsAuthOrAccessEntryBroken } from './aws-auth-or-access-entry-broken.ts'
import { certExpired } from './cert-expired.ts'
import { certificateNotRenewed } from './certificate-not-renewed.ts'
import { controllerManagerLag } from './controller-manager-lag.ts'
import { falsePositiveKubectlSlow } from './false-positive-kubectl-slow.ts'
import { rbacForbidden } from './rbac-forbidden.ts'
import { saTokenExpiredClient } from './sa-token-expired-client.ts'
import { schedulerDown } from './scheduler-down.ts'
import { webhookDownFailClosed } from './webhook-down-fail-closed.ts'
import { webhookSlow } from './webhook-slow.ts'

/** The API server, what it asks, and whom it lets in. */
export const controlPlane = [
  apfThrottling429,
  apiserverOrEtcdSlow,
  webhookDownFailClosed,
  webhookSlow,
  aggregatedApiDown,
  rbacForbidden,
  awsAuthOrAccessEntryBroken,
  certificateNotRenewed,
  certExpired,
  saTokenExpiredClient,
  controllerManagerLag,
  schedulerDown,
  falsePositiveKubectlSlow,
] as const
