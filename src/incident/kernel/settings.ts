import type { BundleReader } from '../../bundle/reader.ts'
import type { Reading } from '../counters/reading.ts'
import { readSections } from './lines.ts'
import { type KernelFile, readingAt } from './sample.ts'

/** What is read of `/proc/sys/net`, by its path there: how many neighbours each table may have, and the longest queue of new connections. */
export const SETTINGS = ['ipv4/neigh/default/gc_thresh3', 'ipv6/neigh/default/gc_thresh3', 'core/somaxconn'] as const

export type Setting = (typeof SETTINGS)[number]

export type SettingReadings = ReadonlyMap<Setting, Reading>

/** Reads settings of a node's kernel: one number in each file. */
export async function readSettings(bundle: BundleReader, source: KernelFile): Promise<SettingReadings> {
  const readings = new Map<Setting, Reading>()
  await readSections(bundle, source.file, (path, text, line) => {
    const setting = SETTINGS.find((one) => path.endsWith(`/sys/net/${one}`))
    const reading = setting && readingAt(source, text.trim(), { base: 10, text, end: text.trimEnd().length, line })
    if (setting && reading && !readings.has(setting)) readings.set(setting, reading)
  })
  return readings
}
