import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What one process took. */
export interface Measured {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Seconds from start to end. */
  readonly wall: number
  /** Seconds of processor time, user and system, of all its threads. */
  readonly cpu: number
  /** MiB of resident memory at the peak (VmHWM, proc(5)). */
  readonly rss: number
}

/** How often /proc is read; the last interval of a process is not seen. */
const INTERVAL_MS = 10

/** Clock ticks of /proc/PID/stat per second: USER_HZ, 100 on every Linux architecture that Node runs on. */
const TICKS = 100

/** Runs a program to its end and reads its processor time and peak memory from /proc on the way. */
export function measure(
  command: string,
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; discard?: boolean } = {},
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    const child = spawn(command, args, {
      stdio: ['ignore', options.discard ? 'ignore' : 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    let [cpu, rss, stdout, stderr] = [0, 0, '', '']
    const timer = setInterval(() => {
      const sample = readProcess(child.pid ?? 0)
      if (sample) [cpu, rss] = [sample.cpu, Math.max(rss, sample.rss)]
    }, INTERVAL_MS)
    child.stdout?.on('data', (data) => {
      stdout += data
    })
    child.stderr?.on('data', (data) => {
      stderr += data
    })
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(timer)
      resolve({ code, stdout, stderr, wall: (performance.now() - begun) / 1000, cpu, rss })
    })
  })
}

function readProcess(pid: number): { cpu: number; rss: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]
    // Fields 14 and 15 of proc(5), counted from the third.
    return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, rss: Number(peak ?? 0) / 1024 }
  } catch {
    return undefined
  }
}

/** The middle value, and the smallest and largest, of some figures. */
export function spread(figures: readonly number[]): { median: number; low: number; high: number } {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return { median: middle, low: sorted[0] ?? Number.NaN, high: sorted.at(-1) ?? Number.NaN }
}

/** `1.23 (1.20 to 1.31)`. */
export function show(figures: readonly number[], digits = 2): string {
  const { median, low, high } = spread(figures)
  const text = median.toFixed(digits)
  return figures.length < 2 ? text : `${text} (${low.toFixed(digits)} to ${high.toFixed(digits)})`
}
