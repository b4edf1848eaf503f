/** The share of the last minute in which some task waited, in percent, and for how long some did ever since. */
export interface Pressure {
  readonly avg60: number
  readonly seconds: number
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, in percent and microseconds (Documentation/accounting/psi.rst). */
const SOME = /^some avg10=[\d.]{1,8} avg60=([\d.]{1,8}) avg300=[\d.]{1,8} total=(\d{1,18})$/

/** Reads the line of a file of pressure that tells of some tasks, of a cgroup or of the whole machine. */
export function readPressureLine(text: string): Pressure | undefined {
  const [, avg60, total] = SOME.exec(text) ?? []
  return total === undefined ? undefined : { avg60: Number(avg60), seconds: Number(total) / 1e6 }
}
