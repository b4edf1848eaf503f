import { COMMAND_HINT, redactCommands } from './commands.ts'
import { redactManifests } from './manifest.ts'
import { PAIR_HINT, redactPairs } from './pairs.ts'
import type { Mark } from './pattern.ts'
import { redactPrivateKeys } from './private-key.ts'
import { PROVIDER_TOKENS } from './provider-tokens.ts'
import { SETTINGS } from './settings.ts'
import { isHarmlessSecret } from './shape.ts'
import { URL_SECRETS } from './urls.ts'

const PATTERNS = [...PROVIDER_TOKENS, ...URL_SECRETS, ...SETTINGS]

/** All hints in one: what it does not find holds nothing that the functions below would replace. */
const ANY_HINT = new RegExp(
  [...new Set(PATTERNS.map(({ hint }) => hint.source))]
    .concat(COMMAND_HINT.source, PAIR_HINT.source, '-----(?:BEGIN|END)', 'Secret')
    .join('|'),
  'i',
)

/** Replaces every secret of a text, by its own shape and by the name that stands before it. Markers pass unchanged. */
export function redactSecrets(text: string, mark: Mark): string {
  return ANY_HINT.test(text) ? redactPairs(redactTokens(redactManifests(text, mark), mark), mark) : text
}

/** Replaces what is a secret by its own shape, in any text. Markers pass unchanged. */
export function redactTokens(text: string, mark: Mark): string {
  let redacted = text.includes('-----') ? redactPrivateKeys(text, mark) : text
  for (const { rule, hint, pattern, group, only = isAny } of PATTERNS) {
    if (!hint.test(redacted)) continue
    redacted = redacted.replace(pattern, (match: string, ...groups: unknown[]) => {
      const secret = group === 0 ? match : String(groups[group - 1])
      if (secret.includes('<redacted:') || (group === 1 && isHarmlessSecret(secret)) || !only(secret)) return match
      const at = match.lastIndexOf(secret)
      return match.slice(0, at) + mark(rule, secret) + match.slice(at + secret.length)
    })
  }
  return redactCommands(redacted, mark)
}

function isAny(): boolean {
  return true
}
