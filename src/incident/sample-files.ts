import type { Obtained } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { compareText } from './compare-text.ts'
import type { SampleFile } from './counters/reading.ts'
import { onceFor } from './once-for.ts'

/** What a collector brought home of one node or pod, by sample. */
export interface Sampled {
  /** A node's name, or `namespace/pod`. */
  readonly owner: string
  /** A file in the order of its samples; none where it was not obtained. */
  files(name: string): readonly SampleFile[]
}

/** `nodes/<node>/<sample>/<collector>/…`, or `components/<namespace>/<pod>/<sample>/<collector>/…`. */
const PLACE = /^(?:nodes\/([^/]+)|components\/([^/]+\/[^/]+))\/[01]\/([^/]+)\//

/** Finds what a collector brought home, by owner, and when each file was read. */
export function findSamples(bundle: BundleReader, collector: string): readonly Sampled[] {
  const owners = new Map<string, string>()
  for (const path of bundle.files.keys()) {
    const [, node, pod, by] = PLACE.exec(path) ?? []
    if (by === collector) owners.set(node ?? pod ?? '', node === undefined ? `components/${pod}` : `nodes/${node}`)
  }
  return [...owners]
    .sort(([a], [b]) => compareText(a, b))
    .map(([owner, place]) => ({
      owner,
      files: (name) =>
        ['0', '1'].flatMap((sample) => sampleFileAt(bundle, `${place}/${sample}/${collector}/${name}`) ?? []),
    }))
}

/** A file, and when it was read; undefined where it was not obtained. */
export function sampleFileAt(bundle: BundleReader, path: string): SampleFile | undefined {
  return bundle.files.has(path) ? { file: path, taken: obtainedOf(bundle, path)?.monotonicMs } : undefined
}

/** How a file was obtained, as the manifest says. */
export function obtainedOf(bundle: BundleReader, path: string): Obtained | undefined {
  return obtainedByPath(bundle).get(path)
}

const obtainedByPath = onceFor(
  ({ manifest }: BundleReader) => new Map(manifest.files.map(({ path, obtained }) => [path, obtained])),
)
