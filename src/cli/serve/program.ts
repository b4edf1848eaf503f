import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import type { Shell } from '../shell.ts'

/** A program to run against a replay. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  /** Added to our own environment. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Runs a program on our own streams and gives the exit code that a shell would: its own, or 128 and the signal that ended it. Whoever
 * listened to signals before lets go of them in `takenOver`: there is no moment at which nobody does.
 */
export async function runProgram(program: Program, shell: Shell, takenOver: () => void): Promise<number> {
  const { command, args, env } = program
  let child: ChildProcess | undefined
  const release = forwardSignals(() => child)
  takenOver()
  try {
    child = spawn(command, args, { stdio: 'inherit', env: { ...shell.env, ...env } })
    return await exitCodeOf(child)
  } catch (error) {
    return explainUnstartable(command, error as NodeJS.ErrnoException, shell)
  } finally {
    release()
  }
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]))
  })
}

/**
 * The program decides what a signal means, and we end after it. A terminal sends Ctrl-C and Ctrl-\ to both of us; where there is none,
 * nobody but us is told.
 */
function forwardSignals(program: () => ChildProcess | undefined): () => void {
  const shared = hasTerminal()
  const onSignal = (name: NodeJS.Signals) => {
    if (!shared || !FROM_KEYBOARD.has(name)) program()?.kill(name)
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  return () => {
    for (const name of SIGNALS) process.off(name, onSignal)
  }
}

const SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const
const FROM_KEYBOARD: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT'])

/** Opening /dev/tty succeeds for whoever has a controlling terminal, wherever the streams lead (tty(4)). */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}

/** 127 for a program that is not there and 126 for one that cannot be run, as env(1) does. */
function explainUnstartable(command: string, { code }: NodeJS.ErrnoException, shell: Shell): number {
  const isMissing = code === 'ENOENT'
  const why = isMissing ? 'there is no such program' : `it cannot be run (${code})`
  shell.stderr.write(`error: Cannot start "${command}": ${why}.\n`)
  return isMissing ? 127 : 126
}
