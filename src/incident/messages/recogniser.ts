import { indexLetters } from './letters.ts'
import { literalsOf } from './literal.ts'
import { ANY_WORDS, type Message, READ, type Wording } from './message.ts'

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

/** Characters that are cited at most. */
const CITED = 300

/** Makes of a table what finds all its messages in a text: in the order of the table, and what is known by its reason alone at the end. */
export function makeRecogniser<Id extends string>(messages: Readonly<Record<Id, Message>>): Recogniser<Id> {
  const candidates = listWordings(messages)
  const byLetters = indexLetters(
    candidates.flatMap((value) => (literalsOf(value.wording.pattern) ?? []).map((literal) => ({ literal, value }))),
  )
  const byReason = indexReasons(candidates.filter(({ wording }) => wording.pattern === ANY_WORDS))
  return (text, reason) => {
    const read = text.slice(0, READ)
    const plain = read.includes('\\"') ? read.replaceAll('\\"', '"') : read
    const likely = [...new Set(byLetters(plain.toLowerCase()))].sort((a, b) => a.place - b.place)
    return findAll([...likely, ...(reason === undefined ? [] : byReason(reason))], { read, plain }, reason)
  }
}

/** Those that are known by a reason; the few with an asterisk are tried each time. */
function indexReasons<Id extends string>(candidates: readonly Candidate<Id>[]) {
  const reasons = candidates.flatMap((value) => (value.message.reasons ?? []).map((reason) => ({ reason, value })))
  const exact = Map.groupBy(reasons, ({ reason }) => reason)
  const wild = reasons.filter(({ reason }) => reason.includes('*'))
  return (reason: string): readonly Candidate<Id>[] =>
    [...(exact.get(reason) ?? []), ...wild.filter((one) => fits(one.reason, reason))].map(({ value }) => value)
}

/** A text as it stands, and as it was before a log put it in quotes: there `\"` stands for a quote. */
interface Text {
  readonly read: string
  readonly plain: string
}

function listWordings<Id extends string>(messages: Readonly<Record<Id, Message>>): Candidate<Id>[] {
  const ids = Object.keys(messages) as Id[]
  const wordings = ids.flatMap((id) => messages[id].wordings.map((wording) => ({ id, message: messages[id], wording })))
  return wordings.map((one, place) => ({ ...one, place }))
}

/** The first wording of a message that matches stands for it. */
function findAll<Id extends string>(likely: readonly Candidate<Id>[], text: Text, reason?: string): Found<Id>[] {
  const found: Found<Id>[] = []
  for (const { id, message, wording } of likely) {
    if (found.some((one) => one.id === id) || !appearsWith(message, reason)) continue
    const match = wording.pattern.exec(text.plain)
    if (match) found.push({ id, values: valuesOf(match), words: wordsOf(match, text) })
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

/** The words as they stand in the text; of what is known by its reason alone, how the text begins. */
function wordsOf(match: RegExpExecArray, { read, plain }: Text): string {
  const end = match.index + (match[0].length || plain.length)
  return read.slice(placeIn(read, match.index), placeIn(read, end)).slice(0, CITED)
}

/** Where a place of the plain text lies in the text as it stands. */
function placeIn(read: string, plainPlace: number): number {
  let place = plainPlace
  for (let quote = read.indexOf('\\"'); quote >= 0 && quote < place; quote = read.indexOf('\\"', quote + 2)) place++
  return place
}
