import { readFile } from 'node:fs/promises'
import { FreezeframeError } from '../../error.ts'
import { REPORT_FORMAT, type Report } from '../../rca/report.ts'

const REMEDY = 'Give a file that analyze --format json wrote.'

/** Reads a report that `analyze --format json` wrote, as far as checking needs it. Throws REPORT_INVALID or REPORT_TOO_NEW. */
export async function readReport(path: string): Promise<Report> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is none' : cause.code === 'EISDIR' ? 'it is a folder' : cause.code
    throw new FreezeframeError('REPORT_INVALID', `Cannot read the report ${path}: ${why}.`, { remedy: REMEDY, cause })
  })
  const report = parse(path, text)
  if (report.format?.type !== REPORT_FORMAT.type) throw invalid(path, 'is not a report of freezeframe')
  if (Number(report.format.version) > REPORT_FORMAT.version) throw tooNew(path, report.format.version)
  if (!isWhole(report)) throw invalid(path, 'lacks parts of a report')
  return report as Report
}

function parse(path: string, text: string): Partial<Report> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // A report begins with its format, so that a cut one can be told from another file.
    if (text.includes(`"${REPORT_FORMAT.type}"`)) throw invalid(path, 'is cut short or damaged: it is not valid JSON')
  }
  throw invalid(path, 'is not a report of freezeframe')
}

/** The parts that checking reads. */
function isWhole({ bundle, tool, focus, citations }: Partial<Report>): boolean {
  return (
    typeof bundle?.root === 'string' &&
    typeof bundle.name === 'string' &&
    typeof tool?.version === 'string' &&
    isTextOrNull(focus?.object) &&
    isTextOrNull(focus?.from) &&
    isTextOrNull(focus?.to) &&
    Array.isArray(citations) &&
    citations.every(isCitation)
  )
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string'
}

function isCitation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { file, words, line, pointer } = value as Readonly<Record<string, unknown>>
  const hasPlace = typeof pointer === 'string' || (Number.isInteger(line) && Number(line) > 0)
  return typeof file === 'string' && typeof words === 'string' && hasPlace
}

function invalid(path: string, problem: string): FreezeframeError {
  return new FreezeframeError('REPORT_INVALID', `${path} ${problem}.`, { remedy: REMEDY })
}

function tooNew(path: string, version: number): FreezeframeError {
  return new FreezeframeError(
    'REPORT_TOO_NEW',
    `${path} has report format ${version}, and this freezeframe knows ${REPORT_FORMAT.version}.`,
    { remedy: 'Use a newer freezeframe.' },
  )
}
