import { cniEc2ApiThrottled } from './cni-ec2-api-throttled.ts'
import { cniIpamdDown } from './cni-ipamd-down.ts'
import { eniAttachFailed } from './eni-attach-failed.ts'
import { networkpolicyBlocksTraffic } from './networkpolicy-blocks-traffic.ts'
import { prefixFragmentation } from './prefix-fragmentation.ts'
import { sgForPodsBranchEniExhausted } from './sg-for-pods-branch-eni-exhausted.ts'
import { subnetIpExhaustion } from './subnet-ip-exhaustion.ts'

/** Failure modes of networks. */
export const network = [
  networkpolicyBlocksTraffic,
  cniIpamdDown,
  subnetIpExhaustion,
  prefixFragmentation,
  cniEc2ApiThrottled,
  eniAttachFailed,
  sgForPodsBranchEniExhausted,
] as const
