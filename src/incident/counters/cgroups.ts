import type { BundleReader } from '../../bundle/reader.ts'
import { type ScannedSample, scanSamples } from '../prometheus/scan-samples.ts'
import { type CgroupOwner, isCgroupOfPod, ownerOfCgroup } from './cgroup-path.ts'
import { CGROUP_COUNTERS, CGROUP_FIGURES, type CgroupName } from './names.ts'
import { type Growth, growthOf, type Reading, readingOf, type SampleFile } from './reading.ts'

/** What was counted of one life of a container, or of the cgroup around a whole pod. */
export interface CgroupCounters {
  readonly namespace: string
  readonly pod: string
  /** Empty for the cgroup around the pod. */
  readonly container: string
  /** In milliseconds, by the node's clock. */
  readonly started: number | undefined
  /** The latest reading: what was ever counted since the container started. */
  last(name: CgroupName): Reading | undefined
  /** What it grew by between two samples; undefined where that is not known. */
  growth(name: CgroupName): Growth | undefined
}

/** Whose a cgroup is, where cAdvisor's series have no labels for it and only the path tells: by whole ids, never by a part of one. */
export type Identify = (owner: CgroupOwner) => CgroupPlace | undefined

/** A pod, and one of its containers, or none for the cgroup around them. */
export type CgroupPlace = Pick<CgroupCounters, 'namespace' | 'pod' | 'container'>

/** The cgroups of one sample, by their paths. */
type Sample = ReadonlyMap<string, Cgroup>

interface Cgroup {
  readonly labels: ScannedSample['labels']
  readonly readings: Map<string, Reading>
}

const NAMES: ReadonlySet<string> = new Set<string>([...CGROUP_COUNTERS, ...CGROUP_FIGURES])

/** A full node has some thousand; the cgroups of its services are read and left out. */
const MOST_CGROUPS = 20_000

/**
 * Reads what cAdvisor counted on a node: of cgroups that belong to a pod, each in its latest life, and of which something was counted at all in
 * it: what an earlier life counted is not said of one that nothing happened to.
 */
export async function readCgroups(
  bundle: BundleReader,
  samples: readonly SampleFile[],
  hasRebooted: boolean,
  identify: Identify,
): Promise<readonly CgroupCounters[]> {
  const first = await readSample(bundle, samples[0])
  const second = samples.length > 1 ? await readSample(bundle, samples[1]) : undefined
  // A container that is gone in the second sample has still counted until the first; who is still there comes last.
  const gone = second ? [...first.keys()].filter((path) => !second.has(path)) : []
  const paths = [...gone.sort(), ...[...(second ?? first).keys()].sort()]
  const lives = paths.flatMap((path): CgroupCounters[] => {
    const [before, after] = second?.has(path) ? [first.get(path), second.get(path)] : [undefined, first.get(path)]
    const place = after && placeOf(path, after, identify)
    return place ? [{ ...place, ...countersOf(hasRebooted ? undefined : before, after) }] : []
  })
  return [...latestLives(lives).values()].filter((one) => !isQuiet(one))
}

/** The latest life of each container and of each cgroup around a pod, by `namespace/pod/container`; of two as old as each other the later one. */
export function latestLives(lives: readonly CgroupCounters[]): ReadonlyMap<string, CgroupCounters> {
  const latest = new Map<string, CgroupCounters>()
  for (const one of lives) {
    const key = `${one.namespace}/${one.pod}/${one.container}`
    const known = latest.get(key)
    if (!known || (known.started ?? 0) <= (one.started ?? 0)) latest.set(key, one)
  }
  return latest
}

function placeOf(path: string, { labels }: Cgroup, identify: Identify): CgroupPlace | undefined {
  const { namespace = '', pod = '', container = '', name = '' } = labels
  if (pod === '') return isCgroupOfPod(path) ? identify(ownerOfCgroup(path)) : undefined
  // The sandbox has an id and no container's name: it is neither a container of the spec nor the whole pod.
  const isSandbox = container === 'POD' || (container === '' && name !== '')
  return isSandbox ? undefined : { namespace, pod, container }
}

async function readSample(bundle: BundleReader, sample: SampleFile | undefined): Promise<Sample> {
  const cgroups = new Map<string, Cgroup>()
  if (!sample) return cgroups
  const take = (scanned: ScannedSample): void => {
    const path = scanned.labels.id ?? ''
    if ((scanned.labels.pod ?? '') === '' && ownerOfCgroup(path).podUid === undefined) return
    const reading = readingOf(scanned, sample.file, sample.taken)
    const cgroup = cgroups.get(path) ?? { labels: scanned.labels, readings: new Map<string, Reading>() }
    if (!reading || (cgroups.size >= MOST_CGROUPS && !cgroups.has(path))) return
    cgroups.set(path, cgroup)
    cgroup.readings.set(scanned.name, reading)
  }
  await scanSamples(bundle.stream(sample.file), NAMES, take).catch(() => undefined)
  return cgroups
}

function countersOf(before: Cgroup | undefined, after: Cgroup): Omit<CgroupCounters, keyof CgroupPlace> {
  const startOf = (one: Cgroup | undefined): number | undefined =>
    one?.readings.get('container_start_time_seconds')?.value
  const started = startOf(after)
  const isSameLife = before !== undefined && startOf(before) === started
  return {
    started: started === undefined ? undefined : started * 1000,
    last: (name) => after.readings.get(name),
    growth: (name) => (isSameLife ? growthOf(before.readings.get(name), after.readings.get(name)) : undefined),
  }
}

/** A sandbox and a container that nothing happened to say nothing. */
export function isQuiet(counters: CgroupCounters): boolean {
  return HAPPENINGS.every((name) => (counters.last(name)?.value ?? 0) === 0)
}

const HAPPENINGS = [...CGROUP_COUNTERS, 'container_refused_processes_total'] as const
