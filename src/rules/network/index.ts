import { albNlbTargetsUnhealthy } from './alb-nlb-targets-unhealthy.ts'
import { arpNeighborTableOverflow } from './arp-neighbor-table-overflow.ts'
import { azImpairment } from './az-impairment.ts'
import { cniEc2ApiThrottled } from './cni-ec2-api-throttled.ts'
import { cniIpamdDown } from './cni-ipamd-down.ts'
import { conntrackTableFull } from './conntrack-table-full.ts'
import { enaBandwidthOrPpsExceeded } from './ena-bandwidth-or-pps-exceeded.ts'
import { eniAttachFailed } from './eni-attach-failed.ts'
import { eniConntrackAllowanceExceeded } from './eni-conntrack-allowance-exceeded.ts'
import { ephemeralPortExhaustion } from './ephemeral-port-exhaustion.ts'
import { http2ConnectionPinning } from './http2-connection-pinning.ts'
import { kubeProxyStaleOrDown } from './kube-proxy-stale-or-down.ts'
import { lbControllerBroken } from './lb-controller-broken.ts'
import { listenBacklogOverflow } from './listen-backlog-overflow.ts'
import { meshAccessRefused } from './mesh-access-refused.ts'
import { meshFaultInjection } from './mesh-fault-injection.ts'
import { meshRouteBroken } from './mesh-route-broken.ts'
import { mtuMismatch } from './mtu-mismatch.ts'
import { natIdleTimeoutReset } from './nat-idle-timeout-reset.ts'
import { natPortAllocationExhausted } from './nat-port-allocation-exhausted.ts'
import { networkpolicyBlocksTraffic } from './networkpolicy-blocks-traffic.ts'
import { nitroV6ConntrackIdle350 } from './nitro-v6-conntrack-idle-350.ts'
import { nlbIdleTimeoutReset } from './nlb-idle-timeout-reset.ts'
import { nodeFirewallTampering } from './node-firewall-tampering.ts'
import { podGatewayUnreachable } from './pod-gateway-unreachable.ts'
import { prefixFragmentation } from './prefix-fragmentation.ts'
import { readinessGateUnmet } from './readiness-gate-unmet.ts'
import { routeLeadsNowhere } from './route-leads-nowhere.ts'
import { securityGroupOrNaclBlock } from './security-group-or-nacl-block.ts'
import { sgForPodsBranchEniExhausted } from './sg-for-pods-branch-eni-exhausted.ts'
import { slowClientThreadExhaustion } from './slow-client-thread-exhaustion.ts'
import { snatMisconfig } from './snat-misconfig.ts'
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
  kubeProxyStaleOrDown,
  lbControllerBroken,
  albNlbTargetsUnhealthy,
  readinessGateUnmet,
  routeLeadsNowhere,
  conntrackTableFull,
  eniConntrackAllowanceExceeded,
  enaBandwidthOrPpsExceeded,
  arpNeighborTableOverflow,
  nodeFirewallTampering,
  listenBacklogOverflow,
  ephemeralPortExhaustion,
  azImpairment,
  http2ConnectionPinning,
  natIdleTimeoutReset,
  nlbIdleTimeoutReset,
  nitroV6ConntrackIdle350,
  snatMisconfig,
  securityGroupOrNaclBlock,
  natPortAllocationExhausted,
  slowClientThreadExhaustion,
  podGatewayUnreachable,
  meshAccessRefused,
  meshFaultInjection,
  meshRouteBroken,
  mtuMismatch,
] as const
