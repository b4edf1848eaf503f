import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a cluster lives on this machine: its folder, and the names and addresses of its network. */
interface Place {
  /** The cluster's and its context's name in kubeconfigs. */
  readonly cluster: string
  readonly folder: string
  /** The beginning of the names of its bridge, network namespaces and cgroups. */
  readonly prefix: string
  /** A node is called this and its number. */
  readonly node: string
  /** The first three numbers of the nodes' addresses, and the first two of the pods'. */
  readonly network: string
  readonly pods: string
  readonly port: number
}

/** One for tests, two for recordings, so that none meets the other's objects and a long one keeps nobody waiting, and one for tests that break it. */
const PLACES: Readonly<Record<string, Place>> = {
  test: {
    cluster: 'test',
    folder: 'freezeframe-cluster',
    prefix: 'ff',
    node: 'node',
    network: '10.98.0',
    pods: '10.243',
    port: 7443,
  },
  orchard: {
    cluster: 'orchard',
    folder: 'freezeframe-orchard',
    prefix: 'fo',
    node: 'orchard-',
    network: '10.97.0',
    pods: '10.242',
    port: 6443,
  },
  meadow: {
    cluster: 'orchard',
    folder: 'freezeframe-meadow',
    prefix: 'fm',
    node: 'orchard-',
    network: '10.94.0',
    pods: '10.240',
    port: 4443,
  },
  trial: {
    cluster: 'trial',
    folder: 'freezeframe-trial',
    prefix: 'ft',
    node: 'trial-',
    network: '10.95.0',
    pods: '10.241',
    port: 5443,
  },
}

const NAME = process.env.FREEZEFRAME_CLUSTER ?? 'test'

/** The place of the cluster that the environment names (FREEZEFRAME_CLUSTER). */
export const PLACE = placeOf(NAME)

/** Where the cluster lives; one of a name on a machine, because its network names are the machine's. */
export const WORK_DIR = join(tmpdir(), PLACE.folder)

/** Path of the administrator's kubeconfig, whether the cluster is up or not. */
export const KUBECONFIG = join(WORK_DIR, 'admin.kubeconfig')

function placeOf(name: string): Place {
  const place = PLACES[name]
  if (place) return place
  throw new Error(`FREEZEFRAME_CLUSTER "${name}" is no cluster: ${Object.keys(PLACES).join(', ')}.`)
}
