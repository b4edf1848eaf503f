import type { LogLine, LogSummary, LogTemplate } from '../../../src/incident/logs/log-summary.ts'
import { summariseLog } from '../../../src/incident/logs/summarise.ts'

/** The summary of lines as the API server gives them, one a second from 00:00:00 on. */
export function summariseLines(...lines: readonly string[]): Promise<LogSummary> {
  return summariseText(lines.map((line, second) => `${stampOf(second)} ${line}\n`).join(''))
}

/** The summary of a log of exactly these bytes, in chunks of the given length. */
export function summariseText(text: string | Buffer, chunk = 64 * 1024): Promise<LogSummary> {
  return summariseLog('logs/shop/web/1/web.log', chunksOf(Buffer.from(text), chunk))
}

/** The only template of lines. */
export async function templateOf(...lines: readonly string[]): Promise<LogTemplate> {
  const { templates } = await summariseLines(...lines)
  const [template] = templates
  if (!template || templates.length > 1)
    throw new Error(`there are ${templates.length} templates of ${lines.join('\n')}`)
  return template
}

export function textsOf(lines: readonly LogLine[]): readonly string[] {
  return lines.map(({ text }) => text)
}

export function stampOf(second: number): string {
  return `${new Date(timeOfSecond(second)).toISOString().slice(0, -1)}000000Z`
}

export function timeOfSecond(second: number): number {
  return Date.UTC(2026, 0, 31) + second * 1000
}

async function* chunksOf(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
