import type { BundleReader } from '../bundle/reader.ts'

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
  const file = `${folder}/commands.tsv`
  const size = bundle.files.get(file)
  if (size === undefined || size > LONGEST) return { boot: undefined, read: new Map() }
  const text = await bundle.read(file).then(
    (body) => body.toString('utf8'),
    () => '',
  )
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

/** Whether the machine started anew between two batches. Where it does not say, its clock does: no time is left between the readings. */
export function isOtherBoot(before: BatchClock, after: BatchClock): boolean {
  return before.boot !== undefined && after.boot !== undefined && before.boot !== after.boot
}
