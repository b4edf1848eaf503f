import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { CLUSTER } from '../../incident/reference.ts'
import { shorten } from '../../incident/telling.ts'
import type { Rule } from '../rule.ts'

/** A cluster that answers nothing: as far as a bundle can show it, its ledger does. */
export const clusterLossOrDataCorruption: Rule<'cluster-loss-or-data-corruption'> = {
  id: 'cluster-loss-or-data-corruption',
  title: 'The cluster does not answer at all',
  domain: 'healing',
  seeds: ['KIA 9.6'],
  needs: [],
  helps: ['aws-eks', 'aws-health'],
  explains: ['control-plane-failing'],
  explain: {
    mechanism:
      'The cluster was deleted, its region or account is gone, or its data is wrong. Nobody can tell this from inside: a capture that got no list at all shows only that the API server did not answer from where it ran. Whether data is corrupt is for its owners to say.',
    proof: [
      'Every list of the ledger failed or timed out, and describe-cluster of the cloud says that the cluster does not exist, or the API does not answer from two places.',
    ],
    lookAlikes: [
      'The network of whoever captured: try from another place.',
      'apiserver-or-etcd-slow: some lists came.',
      'Denied lists: the identity lacks rights, and the API server answers.',
    ],
    mitigate: [
      {
        says: 'Ask the cloud whether the cluster is there.',
        command: 'aws eks describe-cluster --name <cluster>',
        changes: false,
      },
      { says: 'If it is lost, stop writes first, then follow the plan for disasters.', changes: true },
    ],
    fix: ['Rehearse the restore of a cluster from its repository and backups.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/disaster-recovery-resiliency.html'],
  },
  *evaluate(incident) {
    const lists = listsOf(incident)
    if (lists.length < FEWEST || !lists.every(({ line }) => isSilent(line))) return
    const [{ index, line }] = lists as [Listed, ...Listed[]]
    yield {
      kind: 'cause',
      subject: CLUSTER,
      strength: 'weak',
      from: incident.start,
      says: `The API server answered none of ${lists.length} lists (${shorten(line.reason ?? line.status)}): it is down, cannot be reached from there, or is gone.`,
      cites: atLeastOne([{ file: 'manifest.json', pointer: `/ledger/${index}/status`, words: line.status }]),
      missing: ['what the cloud says of the cluster (aws-eks)', 'a capture from another place'],
    }
  },
}

/** Fewer lists say nothing of the whole. */
const FEWEST = 5

type LedgerLine = Incident['manifest']['ledger'][number]

interface Listed {
  readonly index: number
  readonly line: LedgerLine
}

function listsOf({ manifest }: Incident): readonly Listed[] {
  return manifest.ledger
    .map((line, index) => ({ index, line }))
    .filter(({ line: { scope } }) => scope.resource !== undefined && scope.resource !== 'pods/log')
}

function isSilent({ status }: LedgerLine): boolean {
  return status === 'failed' || status === 'timed-out'
}
