import type { RedactionRule } from './pseudonym.ts'

/** Of a network of one's own, of this machine, or of this link: RFC 1918, RFC 6598, RFC 1122, RFC 3927; RFC 4193, RFC 4291. */
const OWN =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|127\.|169\.254\.|0\.0\.0\.0$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1?$)/i

/** Whoever opened a connection: `source` of a summary, and `src=` of the first tuple of a line of a table. */
const SOURCE = /("source": "|^(?:(?!src=).)*?\bsrc=)([0-9a-f.:]+)/gim

/** Where the table names the same client again: what the answer goes to. */
const ANSWERED = /(\bsrc=\S+ dst=\S+ .*?\bsrc=\S+ dst=)([0-9a-f.:]+)/gi

/**
 * Hides who, out in the world, opened connections: such an address is a person's. Addresses of the cluster's own networks stay, and those that
 * connections were opened to, because what they belong to is the evidence.
 */
export function redactClients(text: string, mark: (rule: RedactionRule, value: string) => string): string {
  const hide = (whole: string, before: string, address: string) =>
    OWN.test(address) ? whole : `${before}${mark('address', address)}`
  return text.replace(ANSWERED, hide).replace(SOURCE, hide)
}
