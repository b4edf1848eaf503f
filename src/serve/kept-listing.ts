import type { CapturedResource } from './captured.ts'
import { compareRows, type Listing, type Row } from './listing.ts'

/** A listing without what JSON does not know. */
export type KeptListing = Omit<Listing, 'versions'> & { readonly versions: Readonly<Record<string, string>> }

/** A listing as it is kept. */
export function keepListing({ versions, ...listing }: Listing): KeptListing {
  const texts = [...versions].map(([path, version]) => [path, String(version)] as const)
  return { ...listing, versions: Object.fromEntries(texts) }
}

/** The listing that was kept. */
export function restoreListing(kept: KeptListing): Listing {
  const versions = Object.entries(kept.versions).map(([path, version]) => [path, BigInt(version)] as const)
  return { ...kept, versions: new Map(versions) }
}

/** Whether something is a listing of this resource, in order, whose rows lie within its own pages: whoever can write the file can write anything. */
export function isKeptListing(
  value: unknown,
  { pages }: CapturedResource,
  files: ReadonlyMap<string, number>,
): value is KeptListing {
  if (!isRecord(value) || !isRecord(value.head) || !isRecord(value.versions) || !Array.isArray(value.rows)) return false
  const { head, versions, rows, damage } = value
  const own = new Set(pages)
  return (
    [head.kind, head.apiVersion, head.resourceVersion].every(isText) &&
    Object.entries(versions).every(([path, version]) => own.has(path) && isUint64(version)) &&
    isTexts(damage) &&
    rows.every((row) => isRow(row) && own.has(row.path) && row.start + row.length <= (files.get(row.path) ?? 0)) &&
    rows.every((row, n) => n === 0 || compareRows(rows[n - 1], row) <= 0)
  )
}

function isRow(row: unknown): row is Row {
  if (!isRecord(row) || !isRecord(row.labels) || !isRecord(row.metadata)) return false
  const { start, length, metadata } = row
  return (
    [row.namespace, row.name, row.uid, row.resourceVersion, row.path].every(isText) &&
    Object.values(row.labels).every(isText) &&
    isTexts(row.fields) &&
    isCount(start) &&
    isCount(length) &&
    isCount(metadata.start) &&
    isCount(metadata.end) &&
    metadata.start <= metadata.end &&
    metadata.end <= length
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isUint64(value: unknown): boolean {
  return isText(value) && /^\d{1,20}$/.test(value)
}
