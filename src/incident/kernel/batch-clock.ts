import type { BundleReader } from '../../bundle/reader.ts'
import { readLines } from './lines.ts'

/** What a probe says of one batch of commands: which start of the machine it was, and how long after it each file was read. */
export interface BatchClock {
  /** Undefined where no probe read it. */
  readonly boot: string | undefined
  /** The node's uptime when a file was read, in milliseconds. */
  of(file: string): number | undefined
}

/** `# boot_id 0b00…`. */
const BOOT = /^# boot_id ([0-9a-f-]{32,36})$/

/** Reads `commands.tsv`: file, exit code, bytes, uptime. */
export async function readBatchClock(bundle: BundleReader, folder: string): Promise<BatchClock> {
  let boot: string | undefined
  const uptimes = new Map<string, number>()
  await readLines(bundle, `${folder}/commands.tsv`, (text) => {
    boot ??= BOOT.exec(text)?.[1]
    const [file = '', , , uptime = ''] = text.split('\t')
    if (/^\d{1,10}\.\d{1,3}$/.test(uptime)) uptimes.set(file, Number(uptime) * 1000)
  })
  return { boot, of: (file) => uptimes.get(file) }
}
