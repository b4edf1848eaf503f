import type { BundleReader } from '../bundle/reader.ts'
import { compareText } from './compare-text.ts'
import type { SampleFile } from './counters/reading.ts'

/** What a collector brought home of nodes, by sample. */
export interface NodeFiles {
  /** The nodes of which there is anything, sorted. */
  readonly nodes: readonly string[]
  /** A file of a node in the order of its samples; none where it was not obtained. */
  samplesOf(node: string, file: string): readonly SampleFile[]
}

/** Finds the files of some collectors, `nodes/<node>/<sample>/<collector>/<file>`, and when each was read. */
export function findNodeFiles(bundle: BundleReader, ...collectors: readonly string[]): NodeFiles {
  const names = new Set<string>()
  for (const path of bundle.files.keys()) {
    const [top, node = '', sample = '', collector = ''] = path.split('/')
    if (top === 'nodes' && SAMPLES.includes(sample) && collectors.includes(collector)) names.add(node)
  }
  const taken = new Map(bundle.manifest.files.map(({ path, obtained }) => [path, obtained?.monotonicMs]))
  return {
    nodes: [...names].sort(compareText),
    samplesOf: (node, file) =>
      SAMPLES.map((sample) => `nodes/${node}/${sample}/${file}`)
        .filter((path) => bundle.files.has(path))
        .map((path) => ({ file: path, taken: taken.get(path) })),
  }
}

const SAMPLES: readonly string[] = ['0', '1']
