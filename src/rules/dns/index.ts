import { corednsApiserverWatchStale } from './coredns-apiserver-watch-stale.ts'
import { corednsConfigBroken } from './coredns-config-broken.ts'
import { corednsDownOrUnschedulable } from './coredns-down-or-unschedulable.ts'
import { corednsOverloaded } from './coredns-overloaded.ts'
import { corednsScaleDownLameduck } from './coredns-scale-down-lameduck.ts'
import { corednsUpstreamTimeout } from './coredns-upstream-timeout.ts'
import { dnsConntrackRace5s } from './dns-conntrack-race-5s.ts'
import { dnsNameNotFound } from './dns-name-not-found.ts'
import { ndotsAmplification } from './ndots-amplification.ts'
import { vpcResolverPpsLimit } from './vpc-resolver-pps-limit.ts'

/** Names that do not resolve. */
export const dns = [
  corednsDownOrUnschedulable,
  corednsConfigBroken,
  corednsApiserverWatchStale,
  corednsOverloaded,
  corednsUpstreamTimeout,
  corednsScaleDownLameduck,
  vpcResolverPpsLimit,
  ndotsAmplification,
  dnsConntrackRace5s,
  dnsNameNotFound,
] as const
