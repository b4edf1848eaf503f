import { indexLetters } from './letters.ts'
import { literalsOf } from './literal.ts'
import { ANY_WORDS, type Message, type Wording } from './message.ts'

/** A message found in a text. */
export interface Found<Id extends string> {
  readonly id: Id
  readonly values: Readonly<Record<string, string>>
  /** The exact words matched, to be cited. */
  readonly words: string
}

/** Finds the messages of a table in a text; given the reason that it came with, only those that appear with it. */
export type Recogniser<Id extends string> = (text: string, reason?: string) => readonly Found<Id>[]

interface Candidate<Id extends string> {
  readonly id: Id
  readonly place: number
  readonly message: Message
  readonly wording: Wording
}

/** Characters of a text that are read: no component writes more, and a log may. */
const READ = 8192

/** Characters that are cited at most. */
const CITED = 300

/** Makes of a table what finds all its messages in a text, in the order of the table. */
export function makeRecogniser<Id extends string>(messages: Readonly<Record<Id, Message>>): Recogniser<Id> {
  const candidates = listWordings(messages)
  const byReason = candidates.filter(({ wording }) => wording.pattern === ANY_WORDS)
  const byLetters = indexLetters(
    candidates.flatMap((value) => (literalsOf(value.wording.pattern) ?? []).map((literal) => ({ literal, value }))),
  )
  return (text, reason) => {
    const read = text.slice(0, READ)
    const likely = new Set(byLetters(read.toLowerCase()))
    if (reason !== undefined) for (const one of byReason) likely.add(one)
    return findAll(
      [...likely].sort((a, b) => a.place - b.place),
      read,
      reason,
    )
  }
}

function listWordings<Id extends string>(messages: Readonly<Record<Id, Message>>): Candidate<Id>[] {
  const ids = Object.keys(messages) as Id[]
  const wordings = ids.flatMap((id) => messages[id].wordings.map((wording) => ({ id, message: messages[id], wording })))
  return wordings.map((one, place) => ({ ...one, place }))
}

/** The first wording of a message that matches stands for it. */
function findAll<Id extends string>(likely: readonly Candidate<Id>[], text: string, reason?: string): Found<Id>[] {
  const found: Found<Id>[] = []
  for (const { id, message, wording } of likely) {
    if (found.at(-1)?.id === id || !appearsWith(message, reason)) continue
    const match = wording.pattern.exec(text)
    if (match) found.push({ id, values: valuesOf(match), words: (match[0] || text).slice(0, CITED) })
  }
  return found
}

function appearsWith({ reasons }: Message, reason: string | undefined): boolean {
  if (reasons === undefined || reason === undefined) return true
  return reasons.some((one) => one === reason || (one.includes('*') && fits(one, reason)))
}

function fits(wildcard: string, reason: string): boolean {
  const [start = '', end = ''] = wildcard.split('*')
  return reason.length >= start.length + end.length && reason.startsWith(start) && reason.endsWith(end)
}

function valuesOf(match: RegExpExecArray): Record<string, string> {
  const named = Object.entries(match.groups ?? {})
  return Object.fromEntries(named.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
