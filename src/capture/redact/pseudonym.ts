import { createHmacSha256 } from './hmac.ts'

/** Names of the rules, as they stand in markers and in the manifest's counts. */
export type RedactionRule =
  | 'env'
  | 'arg'
  | 'annotation'
  | 'key'
  | 'configmap'
  | 'secret'
  | 'token'
  | 'private-key'
  | 'url'
  | 'schema'
  | 'images'
  | 'address'

/** Hex digits of a pseudonym: 64 bits, so that two of a million values collide once in thirty million bundles. */
const DIGITS = 16

/** Replaces values by markers of one documented shape; equal values get equal pseudonyms whatever the rule. */
export interface Pseudonyms {
  /** First 16 hex digits of HMAC-SHA256(key, "freezeframe key id"). */
  readonly keyId: string
  /** `<redacted:RULE:PSEUDONYM>`. */
  mark(rule: RedactionRule, value: string | Buffer): string
}

/** Creates the pseudonyms of one key (32 bytes). */
export function createPseudonyms(key: Buffer): Pseudonyms {
  const hmac = createHmacSha256(key)
  const digest = (value: string | Buffer) => hmac(value).slice(0, DIGITS)
  return {
    keyId: digest('freezeframe key id'),
    mark: (rule, value) => `<redacted:${rule}:${digest(value)}>`,
  }
}

/** A marker, whole: it passes unchanged, so that capturing a replay changes nothing. */
export const MARKER = /^<redacted:[a-z-]+:[0-9a-f]{16}>$/

/** A marker somewhere in a text. */
export const MARKER_ANYWHERE = /<redacted:[a-z-]+:[0-9a-f]{16}>/
