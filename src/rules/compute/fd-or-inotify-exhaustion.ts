import { findingOf, groupByNode } from '../group-by-node.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { findingOfSayer, type Sayer, sayersOf } from '../sayers.ts'

/** A program or a node that can open no more files, or watch no more of them. */
export const fdOrInotifyExhaustion: Rule<'fd-or-inotify-exhaustion'> = {
  id: 'fd-or-inotify-exhaustion',
  title: 'No more files can be opened or watched',
  domain: 'compute',
  needs: ['pods'],
  helps: ['logs', 'events', 'node-logs'],
  explains: ['crashing', 'not-ready', 'errors', 'slow', 'node-unhealthy', 'job-failing'],
  explain: {
    mechanism:
      'Every connection and file takes a descriptor, of which a process and a node have a fixed number; every watched file takes an inotify watch, of which each user of a node has a fixed number, shared by all its containers. A leak, or many pods that watch files, uses them up: nothing can be opened, and nobody can follow logs.',
    proof: [
      '`too many open files` (EMFILE of the process, ENFILE of the node).',
      '`failed to create fsnotify watcher`, or `no space left on device` of inotify while disks have room.',
    ],
    lookAlikes: [
      'pv-full and log-flood-diskpressure: `no space left on device` of a write to a full disk.',
      'pid-exhaustion: processes, not files, are missing.',
    ],
    mitigate: [
      {
        says: 'Restart the program whose descriptors pile up; count them first.',
        command: "kubectl exec -n {namespace} deployment/{name} -- sh -c 'ls /proc/1/fd | wc -l'",
        changes: false,
      },
    ],
    fix: [
      'Close what is opened; bound connection pools.',
      'Raise fs.inotify.max_user_instances and max_user_watches in the image of the nodes.',
    ],
    links: ['https://man7.org/linux/man-pages/man7/inotify.7.html'],
  },
  *evaluate(incident) {
    for (const sayer of sayersOf(incident, 'open-files-exhausted', 'inotify-exhausted')) yield judge(sayer)
    for (const group of groupByNode(incident, 'nma-open-files-scarce'))
      yield findingOf(incident, group, [], {
        kind: 'risk',
        strength: 'strong',
        says: `Node ${group.ref.name} nears its limit of open files: ${group.said[0]?.text.slice(0, 200)}`,
      })
  },
}

function judge(sayer: Sayer): Finding | Rejection {
  const { workload, said, sick, isOngoing } = sayer
  if (sick.length === 0 && !isOngoing) return reject(workload, 'It could not open a file once, and goes on.')
  const isWatch = said.some(({ id }) => id === 'inotify-exhausted')
  return findingOfSayer(sayer, {
    says: `${workload.name} can ${isWatch ? 'watch' : 'open'} no more files: ${said[0].words.slice(0, 160)}${ofOthers(workload.name, isWatch)}.`,
    missing: ['How many files the process and the node have open, against their limits.'],
  })
}

/** Watches are shared by all containers of a node: who complains need not be who uses them. */
function ofOthers(name: string, isWatch: boolean): string {
  return isWatch ? `; watches are shared by everything on its node, so ${name} need not be who uses them` : ''
}
