/** Waits that the failure of a stream ends, and a stream that has failed refuses. */
export interface Breakable {
  /** Waits until `begin` resolves; rejects with the failure, also where it came before. */
  wait<T>(begin: (resolve: (value: T) => void) => void): Promise<T>
  fail(error: unknown): void
}

/** One promise that all waits raced against would keep a reaction of each of them, for as long as the stream lives. */
export function createBreakable(): Breakable {
  let failure: { readonly error: unknown } | undefined
  let reject: (error: unknown) => void = () => {}
  return {
    wait: (begin) =>
      new Promise((resolve, fail) => {
        if (failure) fail(failure.error)
        else {
          reject = fail
          begin(resolve)
        }
      }),
    fail(error) {
      failure ??= { error }
      reject(error)
    },
  }
}
