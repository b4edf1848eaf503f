import { awsServiceEvent } from './aws-service-event.ts'
import { ecrPullDeniedOrUnreachable } from './ecr-pull-denied-or-unreachable.ts'
import { imdsUnreachable } from './imds-unreachable.ts'
import { irsaDenied } from './irsa-denied.ts'
import { kmsKeyDisabled } from './kms-key-disabled.ts'
import { podIdentityAgentFailing } from './pod-identity-agent-failing.ts'
import { stsOrAwsApiThrottled } from './sts-or-aws-api-throttled.ts'
import { vpcEndpointMissing } from './vpc-endpoint-missing.ts'

/** What the cloud, or a registry, refuses. */
export const aws = [
  awsServiceEvent,
  irsaDenied,
  podIdentityAgentFailing,
  imdsUnreachable,
  vpcEndpointMissing,
  stsOrAwsApiThrottled,
  kmsKeyDisabled,
  ecrPullDeniedOrUnreachable,
] as const
