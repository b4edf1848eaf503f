/** Why a container ended, as far as its exit code says. */
export interface ExitCode {
  /** A short noun. */
  readonly name: string
  /** One sentence. */
  readonly means: string
  /** The signal that ended the process, of codes above 128. */
  readonly signal?: string
}

const SIGNALS: Readonly<Record<number, readonly [signal: string, means: string]>> = {
  1: ['SIGHUP', 'its terminal or its parent went away'],
  2: ['SIGINT', 'it was interrupted'],
  3: ['SIGQUIT', 'it was told to quit and dump'],
  4: ['SIGILL', 'it met an instruction that the processor does not have: the program may be for another one'],
  5: ['SIGTRAP', 'it met a trap of its own'],
  6: ['SIGABRT', 'it gave up by itself, as after a failed assertion'],
  7: ['SIGBUS', 'it touched memory that is not there, as of a file that became shorter or a full shared memory'],
  8: ['SIGFPE', 'it calculated what cannot be calculated'],
  9: [
    'SIGKILL',
    'it was killed: for want of memory only if the reason is OOMKilled, else after its grace period or by hand',
  ],
  11: ['SIGSEGV', 'it touched memory that it does not have'],
  13: ['SIGPIPE', 'nobody read what it wrote'],
  14: ['SIGALRM', 'its own timer rang'],
  15: ['SIGTERM', 'it was told to end, and ended: mostly because its pod was deleted or its probe failed'],
  24: ['SIGXCPU', 'it used up its processor time'],
  25: ['SIGXFSZ', 'it wrote a file that is larger than it may be'],
  31: ['SIGSYS', 'it made a system call that its profile forbids'],
}

const CODES: Readonly<Record<number, ExitCode>> = {
  0: { name: 'success', means: 'The program ended and says that all is well.' },
  1: { name: 'application-error', means: 'The program ended with an error of its own; its log says which.' },
  2: { name: 'usage-error', means: 'The program or a shell was called in a wrong way, or a Go program panicked.' },
  125: { name: 'runtime-error', means: 'The container runtime failed before the program began.' },
  126: { name: 'not-executable', means: 'The command exists and may not, or cannot, be executed.' },
  127: { name: 'command-not-found', means: 'The command does not exist in the image.' },
  128: { name: 'start-error', means: 'The container could not be started, or the program gave a code that is none.' },
  255: { name: 'out-of-range', means: 'The program gave a code that is none, or the runtime lost it.' },
}

/** What the exit code of a container means; of an unknown one, that it is the program's own. */
export function explainExitCode(code: number): ExitCode {
  return (
    CODES[code] ??
    explainSignal(code - 128) ?? { name: 'application-error', means: 'The program gave a code of its own.' }
  )
}

function explainSignal(number: number): ExitCode | undefined {
  if (number < 1 || number > 64) return undefined
  const [signal, means] = SIGNALS[number] ?? [`signal ${number}`, 'it was ended by a signal']
  return { name: signal.toLowerCase().replace(' ', '-'), means: `The program ended by ${signal}: ${means}.`, signal }
}
