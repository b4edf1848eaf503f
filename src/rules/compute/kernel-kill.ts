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

/** The kubelet writes the end of a container within seconds, by the same clock as the kernel (judgement). */
const SAME_TIME = 60_000

/** The kernel's word for the end of a container: by then it had killed its first process, though the status does not say OOMKilled. */
export function kernelKillAt(
  incident: Incident,
  pod: Pod,
  container: Container,
  { exitCode, finished }: Terminated,
): Said | undefined {
  if (exitCode !== 137 || finished === undefined) return undefined
  return kernelKillsIn(incident, pod, container).find(
    ({ first = 0, last = 0 }) => finished >= first - SAME_TIME && finished <= last + SAME_TIME,
  )
}
