import type { BundleReader } from '../bundle/reader.ts'
import { compareText } from './compare-text.ts'
import type { SampleFile } from './counters/reading.ts'

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
  const taken = new Map(bundle.manifest.files.map(({ path, obtained }) => [path, obtained?.monotonicMs]))
  return [...owners]
    .sort(([a], [b]) => compareText(a, b))
    .map(([owner, place]) => ({
      owner,
      files: (name) =>
        ['0', '1']
          .map((sample) => `${place}/${sample}/${collector}/${name}`)
          .filter((path) => bundle.files.has(path))
          .map((path) => ({ file: path, taken: taken.get(path) })),
    }))
}
