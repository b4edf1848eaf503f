import type { MessageId } from '../../../../src/incident/messages/index.ts'

/** A text as a component printed it, with the reason that it came with, and what is to be read from it. */
export type Example = readonly [id: MessageId, reason: string, text: string, values: Readonly<Record<string, string>>]
