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

/** Runs a program on our own streams and gives the exit code that a shell would: its own, or 128 and the signal that ended it. */
export async function runProgram({ command, args, env }: Program, shell: Shell): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...shell.env, ...env } })
  const stopForwarding = forwardSignals(child)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]))
    })
  } catch (error) {
    return explainUnstartable(command, error as NodeJS.ErrnoException, shell)
  } finally {
    stopForwarding()
  }
}

/**
 * The program decides what a signal means, and we end after it. A terminal sends Ctrl-C and Ctrl-\ to both of us; where there is none,
 * nobody but us is told.
 */
function forwardSignals(child: ChildProcess): () => void {
  const shared = hasTerminal()
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (!shared || !FROM_KEYBOARD.has(name)) child.kill(name)
    }
    process.on(name, listener)
    return () => process.off(name, listener)
  })
  return () => {
    for (const stop of listeners) stop()
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
