import type { BundleReader } from '../../bundle/reader.ts'
import { type BatchClock, isOtherBoot, readBatchClock } from '../batch-clock.ts'
import { type PartLine, readParts } from '../file-parts.ts'
import { readFigures } from './cgroup-figures.ts'
import { isCgroupOfPod, ownerOfCgroup } from './cgroup-path.ts'
import { type CgroupCounters, type CgroupPlace, type Identify, isQuiet } from './cgroups.ts'
import type { CgroupName } from './names.ts'
import { growthOf, type Reading, type SampleFile } from './reading.ts'

/** The figures of one cgroup. */
type Figures = Map<CgroupName, Reading>

/** The cgroups of pods and containers in one sample, by the ids of both: each id is one life. */
type Sample = ReadonlyMap<string, { readonly place: CgroupPlace; readonly figures: Figures }>

/** A full node has some hundred containers. */
const MOST_CGROUPS = 20_000

const FILE = 'cgroups.txt'

/**
 * Reads what the kernel's own files say of the cgroups of pods, of cgroup v1 and v2 (Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst): in
 * one sample what was ever counted, in two also what it grew by. A container is the one that its pod's status names.
 */
export async function readCgroupFiles(
  bundle: BundleReader,
  samples: readonly SampleFile[],
  identify: Identify,
): Promise<readonly CgroupCounters[]> {
  const clocks = await Promise.all(samples.map(({ file }) => readBatchClock(bundle, file.slice(0, -FILE.length - 1))))
  const read: Sample[] = []
  for (const [index, sample] of samples.entries()) read.push(await readSample(bundle, sample, clocks[index], identify))
  const [first = NONE, second] = read
  const isSameBoot = clocks[0] !== undefined && clocks[1] !== undefined && !isOtherBoot(clocks[0], clocks[1])
  const latest = second ?? first
  return withoutQuietPods(
    [...latest]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { place, figures }]) => {
        const before = second && isSameBoot ? first.get(id)?.figures : undefined
        return { ...place, ...countersOf(before, figures) }
      }),
  )
}

/** Where something happened in one cgroup of a pod, the others are looked at too: what reached a limit may have been the pod. */
function withoutQuietPods(cgroups: readonly CgroupCounters[]): readonly CgroupCounters[] {
  const keyOf = ({ namespace, pod }: CgroupPlace): string => `${namespace}/${pod}`
  const loud = new Set(cgroups.filter((one) => !isQuiet(one)).map(keyOf))
  return cgroups.filter((one) => loud.has(keyOf(one)))
}

const NONE: Sample = new Map()

function countersOf(before: Figures | undefined, after: Figures): Omit<CgroupCounters, keyof CgroupPlace> {
  return {
    started: undefined,
    last: (name) => after.get(name),
    growth: (name) => growthOf(before?.get(name), after.get(name)),
  }
}

async function readSample(
  bundle: BundleReader,
  { file, taken }: SampleFile,
  clock: BatchClock | undefined,
  identify: Identify,
): Promise<Sample> {
  const seconds = clock?.read.get(FILE)
  const gathering = createGathering(identify, { at: seconds === undefined ? undefined : seconds * 1000, taken, file })
  await readParts(bundle.stream(file), gathering.take).catch(() => undefined)
  return gathering.finish()
}

/** Gathers figures by the cgroup that they are of. Whose a cgroup is, is asked once for all its files. */
function createGathering(identify: Identify, when: Pick<Reading, 'at' | 'taken' | 'file'>) {
  const cgroups = new Map<string, Gathered>()
  let folder = ''
  let current: Gathered | undefined

  function enter(path: string): void {
    folder = path
    const owner = ownerOfCgroup(path)
    const id = `${owner.podUid}/${owner.containerId ?? ''}`
    current = owner.podUid === undefined || !isCgroupOfPod(path) ? undefined : cgroups.get(id)
    if (current || owner.podUid === undefined || !isCgroupOfPod(path) || cgroups.size >= MOST_CGROUPS) return
    const place = identify(owner)
    if (!place) return
    current = { place, figures: new Map(), origins: new Map() }
    cgroups.set(id, current)
  }

  return {
    take({ path, line, text }: PartLine): void {
      const slash = path.lastIndexOf('/')
      if (path.slice(0, slash) !== folder) enter(path.slice(0, slash))
      if (!current) return
      const file = path.slice(slash + 1)
      for (const { name, value } of readFigures(file, text))
        keep(current, name, `${folder} ${file}`, { ...when, value, line, words: text })
    },
    finish: (): Sample => cgroups,
  }
}

interface Gathered {
  readonly place: CgroupPlace
  readonly figures: Figures
  /** The cgroup and the file that a figure comes from; empty where two cgroups of one owner have it, and nobody knows which is meant. */
  readonly origins: Map<CgroupName, string>
}

/** Beside the hierarchies of v1 a node may have one of v2, whose files have other names: the first tells. */
function keep({ figures, origins }: Gathered, name: CgroupName, origin: string, reading: Reading): void {
  const known = origins.get(name)
  if (known === undefined) {
    origins.set(name, origin)
    figures.set(name, reading)
  } else if (known !== origin && fileOf(known) === fileOf(origin)) {
    origins.set(name, '')
    figures.delete(name)
  }
}

function fileOf(origin: string): string {
  return origin.slice(origin.lastIndexOf(' '))
}
