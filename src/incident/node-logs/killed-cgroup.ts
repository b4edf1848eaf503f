import { ownerOfCgroup } from '../counters/cgroup-path.ts'
import type { Identify } from '../counters/cgroups.ts'
import type { MessageId } from '../messages/index.ts'
import type { Ref } from '../reference.ts'

/** Whom a line of the kernel is about, where it tells of the cgroup of a pod; undefined where it is about the machine. */
export type WhoWasKilled = (id: MessageId, values: Readonly<Record<string, string>>) => Ref | undefined

/** The kernel says first where memory was short and whom it chose, then that it killed the process of that number (mm/oom_kill.c). */
const MOST_CHOSEN = 1000

/** Reads one log from its beginning. A kill for want of memory in the whole machine is about that machine, whoever was chosen. */
export function createWhoWasKilled(identify: Identify): WhoWasKilled {
  const chosen = new Map<string, Ref>()
  return (id, { cgroup = '', limited, pid = '' }) => {
    if (id === 'container-oom-kill') return chosen.get(pid)
    if (id === 'fork-rejected') return ownerIn(identify, cgroup)
    if (id !== 'oom-kill-constraint' || limited === undefined || !isWithinPod(limited, cgroup)) return undefined
    const ref = ownerIn(identify, cgroup)
    if (ref && chosen.size < MOST_CHOSEN) chosen.set(pid, ref)
    return ref
  }
}

/** The limit may be that of all pods together; then it was not this one that was too large. */
function isWithinPod(limited: string, cgroup: string): boolean {
  return ownerOfCgroup(limited).podUid === ownerOfCgroup(cgroup).podUid
}

/** A container that was killed has another id when it runs again: then only the pod is known. */
function ownerIn(identify: Identify, cgroup: string): Ref | undefined {
  const owner = ownerOfCgroup(cgroup)
  const place = identify(owner) ?? identify({ ...owner, containerId: undefined })
  if (!place) return undefined
  const { namespace, pod: name, container } = place
  return { kind: 'Pod', namespace, name, ...(container === '' ? {} : { container }) }
}
