import type { LastWords } from './last-words.ts'
import type { LogClass } from './logs/log-summary.ts'
import { type MessageId, recognise } from './messages/index.ts'

/** Messages that say more than a class. */
const MESSAGES: readonly (readonly [id: MessageId, means: string])[] = [
  ['code-missing', 'Its image lacks code that the program needs, or has it for another version of the runtime.'],
  ['vault-sealed', 'Vault is sealed: it waits for its keys.'],
  [
    'ssh-host-key-refused',
    'The key of the host that it calls is not the one that it knows of it: compare them, and renew what it knows.',
  ],
  ['license-invalid', 'Its licence is not accepted.'],
]

/** The most specific first. */
const CLASSES: readonly (readonly [LogClass, string])[] = [
  ['certificate-expired', 'A certificate that it was shown has expired.'],
  ['tls-failure', 'It does not trust the certificate of whom it calls, or is not trusted itself.'],
  ['authentication-failed', 'Whom it calls refuses its user, password or token.'],
  ['credentials-missing', 'It has no credentials for what it calls.'],
  ['forbidden', 'It may not do what it asks for.'],
  ['schema-mismatch', 'The schema of its database is not what it expects: a migration is missing, or failed.'],
  ['deadlock-or-lock', 'It waits for a lock that somebody holds, or lost its own.'],
  ['address-in-use', 'Somebody has the port already that it wants to listen on.'],
  ['disk-full', 'The disk that it writes to is full.'],
  ['too-many-files', 'It may open no more files.'],
  ['process-limit', 'It may start no more threads or processes.'],
  ['clock', 'The clocks of the two ends differ.'],
  ['dns-failure', 'It could not look up a name.'],
  ['no-ports', 'No local port is left for its connections.'],
  ['connection-refused', 'Nothing listens where it connects to.'],
  ['no-route', 'There is no way to where it connects to.'],
  ['connection-reset', 'Its connection was cut.'],
  ['timeout', 'Whom it called did not answer in time.'],
  ['unavailable', 'Whom it called is not available.'],
  ['rate-limited', 'It calls more often than it may.'],
  ['missing-configuration', 'It lacks a setting or a file that it needs.'],
  ['invalid-configuration', 'It does not understand its configuration.'],
]

/** What the last words of a program come down to, in a sentence; undefined where they mean nothing that is known. */
export function meaningOf({ text, classes }: Pick<LastWords, 'text' | 'classes'>): string | undefined {
  const said = recognise(text)
  const [, ofMessage] = MESSAGES.find(([id]) => said.some((one) => one.id === id)) ?? []
  return ofMessage ?? CLASSES.find(([one]) => classes.includes(one))?.[1]
}
