import { cniIpamdDown } from './cni-ipamd-down.ts'

/** Failure modes of networks. */
export const network = [cniIpamdDown] as const
