/** As most programs word it. */
const TRIES = /retr(?:y|ies)|again|reconnect|attempting|will try/i

/** Whether a line says that something will be tried again, which is no work yet. */
export function triesAgain(text: string): boolean {
  return TRIES.test(text)
}
