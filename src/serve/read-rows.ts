import type { BundleReader } from '../bundle/reader.ts'
import type { Row } from './listing.ts'

/** Bytes read at once: neighbours in a page are neighbours in a list, too. */
const RUN_BYTES = 512 * 1024

/** Between two objects of one run there is a comma, and where a selector left some out, these; a gap larger than this is not read. */
const GAP_BYTES = 64 * 1024

/** Reads the bodies of rows, in their order, a run of neighbours at a time: memory does not grow with the list. */
export async function* readRows(bundle: BundleReader, rows: Iterable<Row>): AsyncGenerator<{ row: Row; body: Buffer }> {
  for (const run of runsOf(rows)) {
    const first = run[0]
    const last = run.at(-1)
    if (!first || !last) continue
    const bytes = await bundle.readRange(first.path, first.start, last.start + last.length - first.start)
    for (const row of run) {
      const start = row.start - first.start
      yield { row, body: bytes.subarray(start, start + row.length) }
    }
  }
}

/** Cuts rows into runs that follow one another in one file. */
function* runsOf(rows: Iterable<Row>): Generator<Row[]> {
  let run: Row[] = []
  for (const row of rows) {
    if (run.length > 0 && !continues(run, row)) {
      yield run
      run = []
    }
    run.push(row)
  }
  if (run.length > 0) yield run
}

function continues(run: readonly Row[], row: Row): boolean {
  const first = run[0]
  const last = run.at(-1)
  if (!first || !last || row.path !== last.path) return false
  const gap = row.start - (last.start + last.length)
  return gap >= 0 && gap <= GAP_BYTES && row.start + row.length - first.start <= RUN_BYTES
}
