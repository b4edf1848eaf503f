import { aggregatedApiDown } from './aggregated-api-down.ts'
import { rbacForbidden } from './rbac-forbidden.ts'
import { webhookDownFailClosed } from './webhook-down-fail-closed.ts'

/** The API server, what it asks, and whom it lets in. */
export const controlPlane = [aggregatedApiDown, rbacForbidden, webhookDownFailClosed] as const
