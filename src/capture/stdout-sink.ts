import type { Sink } from './sink.ts'

/** The bundle on stdout. Errors come with the write that meets them, not as events. */
export function openStdoutSink(): Sink {
  const { stdout } = process
  stdout.on('error', () => {})
  return {
    target: '-',
    bytes: 0,
    error: undefined,
    write: (piece) => {
      return new Promise((resolve, reject) => {
        stdout.write(piece, (error) => (error ? reject(error) : resolve()))
      })
    },
    finish: async () => {},
    leave: (error) => void stdout.destroy(error),
    discard: async () => {},
  }
}
