import { Refusal } from '../../../src/serve/refusal.ts'

/** The refusal that a call ends with, as a Status would show it; fails the test if it is accepted. */
export function refusal(call: () => unknown): { code: number; reason: string; message: string; details: unknown } {
  try {
    call()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, reason, message, details } = error
    return { code, reason, message, details }
  }
  throw new Error('accepted')
}
