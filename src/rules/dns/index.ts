import { corednsDownOrUnschedulable } from './coredns-down-or-unschedulable.ts'
import { dnsNameNotFound } from './dns-name-not-found.ts'

/** Names that do not resolve. */
export const dns = [corednsDownOrUnschedulable, dnsNameNotFound] as const
