import { citeFigure } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Said } from '../../incident/statement.ts'
import { findingOf, groupByNode } from '../group-by-node.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { largestUserOf } from './measured.ts'
import { evictedFrom, pressureOn, tellEvicted } from './pressure.ts'

/** A disk with room, and no entry left in its table of files. */
export const inodeExhaustion: Rule<'inode-exhaustion'> = {
  id: 'inode-exhaustion',
  title: 'A node’s disk has no inodes left',
  domain: 'disk',
  needs: ['nodes'],
  helps: ['pods', 'events', 'kubelet-stats'],
  explains: ['node-unhealthy', 'evicted', 'unscheduled', 'not-starting', 'errors'],
  explain: {
    mechanism:
      'Very many small files, of caches, sessions, mail or image layers, use up the inodes of the file system. Writes then fail with `no space left on device` while df shows room; the kubelet sets DiskPressure and evicts.',
    proof: [
      'Evicted pods say `The node was low on resource: inodes`, or EvictionThresholdMet `Attempting to reclaim inodes`.',
      '`df -i` on the node, or inodesFree in /stats/summary of its kubelet, which tells who has them too.',
    ],
    lookAlikes: [
      'log-flood-diskpressure: ephemeral-storage: bytes, not files.',
      'fd-or-inotify-exhaustion: inotify says `no space left on device` too.',
    ],
    mitigate: [
      {
        says: 'Find the pod by the inodes that the kubelet counts.',
        command: 'kubectl get --raw /api/v1/nodes/{node}/proxy/stats/summary',
        changes: false,
      },
      { says: 'Delete or move that pod.', changes: true },
    ],
    fix: ['Give what writes many small files a volume of its own, or let it clean up.'],
    links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/'],
  },
  *evaluate(incident) {
    const groups = pressureOn(incident, 'disk')
    for (const group of groups) {
      const said = group.said.filter(isAboutInodes)
      if (said.length === 0) continue
      const evicted = evictedFrom(incident, group.evictions.filter(isAboutInodes))
      const user = largestUserOf(incident, group.ref.name, 'inodes')
      if (group.isOver)
        yield reject(group.ref, 'It was short of inodes within the hour, evicted nobody, and is no longer.')
      else
        yield findingOf(incident, { ref: group.ref, said }, evicted, {
          kind: 'cause',
          strength: 'proof',
          says: `Node ${group.ref.name} is short of inodes${tellEvicted(evicted)}: ${said[0]?.words}${user ? `; ${user.workload.name} has ${user.amount} of them (${Math.round(user.share * 100)} %)` : ''}`,
          beside: user ? [user.citation] : [],
        })
    }
    yield* findScarce(incident, new Set(groups.map(({ ref }) => ref.name)))
    for (const group of groupByNode(incident, 'nma-xfs-fragmented'))
      yield findingOf(incident, group, [], {
        kind: 'risk',
        strength: 'weak',
        says: `The free space of node ${group.ref.name} is in very small pieces, so that new files may find none: ${group.said[0]?.text.slice(0, 160)}`,
      })
  },
}

/** What the kubelet measured before anybody said a word: it evicts when a twentieth is left (nodefs.inodesFree<5%). */
function* findScarce(incident: Incident, told: ReadonlySet<string>): Generator<Finding> {
  for (const { node, usage } of incident.counters.nodes) {
    const { inodesFree, inodes } = usage?.disk ?? {}
    if (told.has(node) || !inodesFree || !inodes || inodes.value <= 0 || inodesFree.value >= SCARCE * inodes.value)
      continue
    yield {
      kind: 'risk',
      subject: { kind: 'Node', name: node },
      strength: 'strong',
      from: undefined,
      says: `Node ${node} has ${inodesFree.value} of ${inodes.value} inodes left.`,
      cites: [citeFigure(inodesFree), citeFigure(inodes)],
    }
  }
}

const SCARCE = 0.05

function isAboutInodes({ values }: Said): boolean {
  return values.resource?.startsWith('inodes') === true
}
