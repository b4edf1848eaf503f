import { blockedAutoscalers } from './blocked-autoscalers.ts'
import { crashingContainers } from './crashing-containers.ts'
import { errorLogs } from './error-logs.ts'
import { evictedPods } from './evicted-pods.ts'
import { failingJobs } from './failing-jobs.ts'
import { failingVolumes } from './failing-volumes.ts'
import { servicesWithoutEndpoints } from './services-without-endpoints.ts'
import { stalledRollouts } from './stalled-rollouts.ts'
import { stuckDeletions } from './stuck-deletions.ts'
import { unavailableApis } from './unavailable-apis.ts'
import { uncreatedPods } from './uncreated-pods.ts'
import { unhealthyConditions } from './unhealthy-conditions.ts'
import { unhealthyNodes } from './unhealthy-nodes.ts'
import { unreadyPods } from './unready-pods.ts'
import { unscheduledPods } from './unscheduled-pods.ts'
import { unservedRoutes } from './unserved-routes.ts'
import { waitingContainers } from './waiting-containers.ts'
import { warningEvents } from './warning-events.ts'

/** What is seen to be broken, of whatever cause: the net under all other rules. */
export const generic = [
  blockedAutoscalers,
  crashingContainers,
  errorLogs,
  evictedPods,
  failingJobs,
  failingVolumes,
  servicesWithoutEndpoints,
  stalledRollouts,
  stuckDeletions,
  unavailableApis,
  uncreatedPods,
  unhealthyConditions,
  unhealthyNodes,
  unreadyPods,
  unscheduledPods,
  unservedRoutes,
  waitingContainers,
  warningEvents,
] as const
