import type { BundleReader } from '../bundle/reader.ts'
import { readText } from './bundle-file.ts'

/** By the clock of a node: which life of the machine it was, and when each file of a batch was read. */
export interface BatchClock {
  /** The kernel's id of this boot; undefined where it is not told. */
  readonly boot: string | undefined
  /** Seconds since the boot, by file. */
  readonly read: ReadonlyMap<string, number>
}

/** A batch has some dozen commands. */
const LONGEST = 256 * 1024

/** Reads what a batch says of its commands: file, exit code, bytes, seconds since the boot, complaint. */
export async function readBatchClock(bundle: BundleReader, folder: string): Promise<BatchClock> {
  const text = (await readText(bundle, `${folder}/commands.tsv`, LONGEST)) ?? ''
  const rows = text.split('\n').map((row) => row.split('\t'))
  return {
    boot: /^# boot_id ([0-9a-f-]{36})$/m.exec(text)?.[1],
    read: new Map(
      rows.flatMap(([name = '', , , uptime = '']) =>
        /^\d{1,12}(?:\.\d{1,6})?$/.test(uptime) ? [[name, Number(uptime)] as const] : [],
      ),
    ),
  }
}

/** Whether the machine started anew between two batches: by the id of its boot, or because its time since then fell. */
export function isOtherBoot(before: BatchClock, after: BatchClock): boolean {
  if (before.boot !== undefined && after.boot !== undefined && before.boot !== after.boot) return true
  return [...before.read].some(([file, seconds]) => (after.read.get(file) ?? seconds) < seconds)
}
