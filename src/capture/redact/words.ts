import { createRedactor, type RedactSettings } from './redact.ts'

/**
 * Redacts sentences for the ledger, at once and on this thread: what a program on a node complained of, or what a server refused, may quote
 * what it was given.
 */
export function createWordsRedactor(settings: RedactSettings): (words: string) => string {
  const { redact } = createRedactor(settings)
  return (words) => redact(Buffer.from(words), { type: 'log' }).body.toString()
}
