import type { Message } from './message.ts'
import { type Found, makeRecogniser } from './recogniser.ts'
import { scheduler } from './scheduler.ts'

/** Every message that rules know, the most specific first: one file for each component that prints them. */
export const messages = {
  ...scheduler,
} satisfies Record<string, Message>

export type MessageId = keyof typeof messages

export type Recognised = Found<MessageId>

/** All messages that a text contains, most specific first. */
export const recognise = makeRecogniser<MessageId>(messages)

/** One message, if a text contains it. */
export function is(text: string, id: MessageId, reason?: string): Recognised | undefined {
  return recognise(text, reason).find((one) => one.id === id)
}
