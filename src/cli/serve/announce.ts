import type { Paint } from '../shell.ts'
import { clip, printable } from '../text.ts'
import { isLoopback, type Served } from './open.ts'

/** What is served, as of when, and what is missing from it. */
export function announce(served: Served, paint: Paint): string {
  const { replay, url } = served
  const { cluster, outcome } = replay.manifest
  const version = cluster.version === null ? '' : ` (${printable(cluster.version)})`
  const isTimeless = replay.bundle.isRebuilt && Date.parse(replay.manifest.window.end) === 0
  const moment = isTimeless ? 'a time that is not known' : formatMoment(replay.now)
  return [
    `${paint('bold', printable(cluster.name))}${version} as of ${paint('bold', moment)}, read-only, at ${url}\n`,
    ...(outcome.status === 'complete' ? [`${paint('green', 'Complete')}: everything that was asked for.\n`] : []),
    announceGaps(served, paint),
  ].join('')
}

/** What must not be taken for health, and who else can look; nothing where a capture is complete and only we can reach it. */
export function announceGaps({ replay, address }: Served, paint: Paint): string {
  const { status, ended, reason } = replay.manifest.outcome
  const early = ended === 'finished' ? '' : `, ended early (${printable(reason ?? ended)})`
  const lines = [
    ...(status === 'complete' ? [] : [`${paint('yellow', 'Partial capture')}${early}.`]),
    ...replay.notes.map((note) => clip(printable(note), NOTE_WIDTH)),
    ...(isLoopback(address)
      ? []
      : [`${paint('red', 'WARNING:')} who reaches ${address} and has the token can read all of it.`]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** Longer than what we write ourselves: a stranger's bundle may hold any name. Every answer that something is missing from says so itself. */
const NOTE_WIDTH = 1000

/** `2026-01-31 23:59:59Z`: a moment as a person reads it, in the one zone that everybody can convert. */
export function formatMoment(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`
}
