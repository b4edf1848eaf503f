/** RFC 1918; RFC 6598, which carriers use and EKS gives to pods; RFC 4193. */
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:)/i

/** Whether an address is of a network of one's own, and no router of the internet carries it. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE.test(address)
}
