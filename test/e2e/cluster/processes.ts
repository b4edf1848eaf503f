import { spawn } from 'node:child_process'
import { appendFileSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that was started here: its id, and when it started (clock ticks since boot), so that a recycled id is never killed. */
interface Started {
  readonly pid: number
  readonly born: string
}

/** Starts a server that outlives this process; its output goes to `log`, its id to `record`. */
export function startServer(
  command: string,
  args: readonly string[],
  options: { log: string; record: string; cwd?: string },
): number {
  const output = openSync(options.log, 'a')
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', output, output],
    ...(options.cwd ? { cwd: options.cwd } : {}),
  })
  child.on('error', (error) => appendFileSync(options.log, `did not start: ${error.message}\n`))
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} did not start: see ${options.log}`)
  recordProcess(pid, options.record)
  child.unref()
  return pid
}

/** Notes a process for `stopServers`. */
export function recordProcess(pid: number, record: string): void {
  const born = bornAt(pid)
  if (born !== undefined) appendFileSync(record, `${pid} ${born}\n`)
}

/** Ends every recorded process that still is the one recorded: the last first, SIGTERM, then SIGKILL after five seconds. */
export async function stopServers(record: string): Promise<void> {
  const started = readRecord(record).filter(isAlive)
  for (const { pid } of [...started].reverse()) signal(pid, 'SIGTERM')
  for (let wait = 0; wait < 50 && started.some(isAlive); wait++) await sleep(100)
  for (const one of started.filter(isAlive)) signal(one.pid, 'SIGKILL')
}

/** Whether every recorded process lives. */
export function areRunning(record: string): boolean {
  const started = readRecord(record)
  return started.length > 0 && started.every(isAlive)
}

/** The processes that were recorded, whether they live or not. */
export function readRecord(record: string): Started[] {
  try {
    const lines = readFileSync(record, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => {
      const [pid = '', born = ''] = line.split(' ')
      return { pid: Number(pid), born }
    })
  } catch {
    return []
  }
}

function isAlive({ pid, born }: Started): boolean {
  return bornAt(pid) === born
}

/** Field 22 of /proc/PID/stat, proc(5); the second field may hold spaces, so it is counted from the last parenthesis. A zombie is dead. */
function bornAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Sends a signal; a process that is gone is what was wanted. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // ESRCH
  }
}
