import type { Command } from 'commander'
import type { KubeClient } from '../sources/kube/client.ts'
import type { Shell } from './shell.ts'
import { USER_AGENT } from './version.ts'

/** The flags that say which cluster, and as whom; the same names as kubectl's. */
export interface ConnectionFlags {
  readonly kubeconfig?: string
  readonly context?: string
  readonly as?: string
  readonly asGroup?: readonly string[]
  readonly kubeletCa?: string
  readonly allowNodesProxy?: boolean
}

/** Adds the flags that say which cluster is meant. */
export function addConnectionOptions(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: KUBECONFIG, ~/.kube/config, or the pod itself)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--as <user>', 'user to impersonate')
    .option('--as-group <group>', 'group to impersonate (repeatable)', append, undefined)
}

/** Connects to the cluster that the flags name. */
export async function connect(flags: ConnectionFlags, shell: Shell): Promise<KubeClient> {
  const { connectKube } = await import('../sources/kube/connect.ts')
  return connectKube({
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    as: flags.as,
    asGroups: flags.asGroup,
    kubeletCa: flags.kubeletCa,
    allowNodesProxy: flags.allowNodesProxy,
    userAgent: USER_AGENT,
    env: shell.env,
  })
}

/** Collects a repeatable option. */
export function append(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value]
}

/** Collects a repeatable option that also takes a comma-separated list. An empty word stays, to be refused: it is a variable that was not set. */
export function appendList(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), ...value.split(',')]
}
