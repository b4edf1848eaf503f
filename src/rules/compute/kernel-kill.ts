import type { Container, Terminated } from '../../incident/container.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Said } from '../../incident/statement.ts'
import { isCurrent } from '../recency.ts'

/** What the kernel wrote of killing a process in a container because the container, or its pod, reached its own limit; of the last hour. */
export function kernelKillsIn(incident: Incident, { ref }: Pod, { name }: Container): readonly Said[] {
  return incident
    .saidAbout({ ...ref, container: name })
    .filter((one) => one.id === 'oom-kill-constraint' && isCurrent(incident, one))
}

/** Both times are the node's, but the kernel's is counted from a boot that is known to some seconds (judgement). */
const SAME_TIME = 30_000

/** The kernel's word for the end of a container: by then it had killed its first process, though the status does not say OOMKilled. */
export function kernelKillAt(
  incident: Incident,
  pod: Pod,
  container: Container,
  { exitCode, finished }: Terminated,
): Said | undefined {
  if (exitCode !== 137 || finished === undefined) return undefined
  return kernelKillsIn(incident, pod, container).find(({ last = 0 }) => Math.abs(finished - last) <= SAME_TIME)
}
