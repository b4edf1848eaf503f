import type { BundleReader } from '../../bundle/reader.ts'
import type { Reading } from '../counters/reading.ts'
import { readLines } from './lines.ts'
import { type KernelFile, readingAt } from './sample.ts'

/**
 * What an interface of EC2 counts of packets above an allowance of the machine, and how many more connections it may track (amzn/amzn-drivers,
 * kernel/linux/ena/ena_ethtool.c: ena_hw_stats_strings; drivers and devices without customer metrics have the first five, or none).
 */
export const ALLOWANCES = [
  'bw_in_allowance_exceeded',
  'bw_out_allowance_exceeded',
  'pps_allowance_exceeded',
  'conntrack_allowance_exceeded',
  'linklocal_allowance_exceeded',
  'conntrack_allowance_available',
] as const

export type Allowance = (typeof ALLOWANCES)[number]

export type AllowanceReadings = ReadonlyMap<Allowance, Reading>

/** `     pps_allowance_exceeded: 7`, as ethtool(8) prints it. */
const STATISTIC = /^\s{0,16}(\w{1,64}): (\d{1,20})$/

/** `driver: ena`, the first line of `ethtool -i`. */
const DRIVER = /^driver: (\S{1,64})$/

/** Reads `ethtool -S` of an interface. Without a name of its driver the counters' own names say whose it is. */
export async function readAllowances(
  bundle: BundleReader,
  statistics: KernelFile,
  driver: KernelFile,
): Promise<AllowanceReadings> {
  const readings = new Map<Allowance, Reading>()
  if (!['ena', undefined].includes(await driverOf(bundle, driver))) return readings
  await readLines(bundle, statistics.file, (text, line) => {
    const [, name, digits = ''] = STATISTIC.exec(text.trimEnd()) ?? []
    const allowance = ALLOWANCES.find((one) => one === name)
    const reading = allowance && readingAt(statistics, digits, { base: 10, text, end: text.trimEnd().length, line })
    if (allowance && reading) readings.set(allowance, reading)
  })
  return readings
}

async function driverOf(bundle: BundleReader, { file }: KernelFile): Promise<string | undefined> {
  let driver: string | undefined
  await readLines(bundle, file, (text) => {
    driver ??= DRIVER.exec(text.trimEnd())?.[1]
  })
  return driver
}
