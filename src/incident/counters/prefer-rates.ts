import { type CgroupCounters, latestLives } from './cgroups.ts'
import { CGROUP_COUNTERS } from './names.ts'

/**
 * Of each cgroup one answer, whichever way it came: the kernel's own files, which are read at one moment and belong to the container that its pod's
 * status names; cAdvisor's series where only they were read twice. They are not mixed: two ways are two moments, and may be two lives.
 */
export function preferRates(
  files: readonly CgroupCounters[],
  series: readonly CgroupCounters[],
): readonly CgroupCounters[] {
  const own = latestLives(files)
  const others = latestLives(series)
  const keys = new Set([...own.keys(), ...others.keys()])
  return [...keys].flatMap((key) => {
    const [file, other] = [own.get(key), others.get(key)]
    return (file && other && !hasRate(file) && hasRate(other) ? other : (file ?? other)) ?? []
  })
}

function hasRate(counters: CgroupCounters): boolean {
  return CGROUP_COUNTERS.some((name) => counters.growth(name) !== undefined)
}
