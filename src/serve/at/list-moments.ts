import type { Manifest } from '../../bundle/format.ts'
import type { Listing } from '../listing.ts'
import { instant } from '../table/age.ts'

/**
 * When each page was listed, by the capture's clock: the pages of one version show one moment, that of the first of them, whenever they
 * came.
 */
export function listMoments({ files, window }: Manifest, { versions }: Listing): (path: string) => number {
  const obtained = new Map(files.map(({ path, obtained }) => [path, instant(obtained.at)]))
  const first = new Map<string, number>()
  for (const [path, version] of versions) {
    const list = listOf(path, version)
    first.set(list, Math.min(first.get(list) ?? Number.POSITIVE_INFINITY, obtained.get(path) ?? Number.NaN))
  }
  return (path) => first.get(listOf(path, versions.get(path))) || Date.parse(window.end)
}

function listOf(path: string, version: bigint | undefined): string {
  return `${path.slice(0, path.lastIndexOf('/'))}@${version}`
}
