import { Command, Option } from 'commander'
import { ORDINARY_TIERS, TIERS, type Tier } from '../../capture/tiers.ts'
import type { Discovery } from '../../sources/kube/discovery.ts'
import { addConnectionOptions, appendList, type ConnectionFlags, connect } from '../connection.ts'
import { invalidOption } from '../parse/invalid.ts'
import { isLabel, parseNamespace } from '../parse/namespace.ts'
import type { RoleRequest } from '../permissions/manifests.ts'
import type { Shell } from '../shell.ts'

interface PermissionsFlags extends ConnectionFlags {
  readonly namespace?: readonly string[]
  readonly offline?: boolean
  readonly tier?: readonly string[]
  readonly name?: string
  readonly serviceAccount?: string
  readonly format: 'yaml' | 'json'
}

/** `freezeframe permissions`: the exact role that a complete capture needs. */
export function permissionsCommand(shell: Shell): Command {
  const command = new Command('permissions')
    .summary('print the role that a complete capture needs')
    .description(
      'Prints the ClusterRole that a complete capture of this cluster needs, ready for `kubectl apply -f -`: every resource by name, never Secrets; and the Role by which it asks what listens on nodes. A capture works with less and says what is missing.',
    )
    .usage('[options]')
    .option('-n, --namespace <name>', 'a Role for captures of this namespace only (repeatable)', appendList)
    .option('--offline', 'ask no cluster: built-in and well-known resources only')
    .addOption(
      new Option('--tier <tier>', `only what this tier takes, of ${TIERS.join(', ')} (repeatable)`)
        .argParser(appendList)
        .conflicts('namespace'),
    )
    .option('--name <name>', 'name of the role (default: freezeframe, and the tiers that were asked for)')
    .option('--service-account <namespace/name>', 'bind the role to this service account')
    .addOption(new Option('--format <format>', 'yaml or json').choices(['yaml', 'json']).default('yaml'))
  return addConnectionOptions(command)
    .addHelpText('after', HELP)
    .action(async (flags: PermissionsFlags) => printRoles(flags, shell))
}

const HELP = `
Examples:
  freezeframe permissions | kubectl apply -f -
  freezeframe permissions --service-account ops/freezeframe | kubectl apply -f -
  freezeframe permissions -n shop > role.yaml
  freezeframe permissions --tier base
  freezeframe permissions --offline`

async function printRoles(flags: PermissionsFlags, shell: Shell): Promise<void> {
  const request = readRequest(flags)
  const { collectors } = await import('../../../collectors/index.ts')
  const { describeRoles, toJsonList } = await import('../permissions/manifests.ts')
  const { toYaml } = await import('../yaml.ts')
  const documents = describeRoles(request, collectors, flags.offline ? undefined : await askServed(flags, shell))
  shell.stdout.write(flags.format === 'json' ? toJsonList(documents) : toYaml(documents))
}

async function askServed(flags: PermissionsFlags, shell: Shell): Promise<Discovery> {
  const { discover } = await import('../../sources/kube/discover.ts')
  const kube = await connect(flags, shell)
  try {
    return await discover(kube, new AbortController().signal)
  } finally {
    await kube.close()
  }
}

function readRequest({ name: asked, namespace, tier, serviceAccount }: PermissionsFlags): RoleRequest {
  const tiers = tier === undefined ? ORDINARY_TIERS : readTiers(tier)
  const name = asked ?? ['freezeframe', ...(tier === undefined ? [] : tiers)].join('-')
  if (!name.split('.').every(isLabel)) {
    throw invalidOption('--name', name, 'is not the name of a role', 'Use lower-case letters, digits, dashes and dots.')
  }
  return {
    name,
    tiers,
    namespaces: namespace?.map((one) => parseNamespace('--namespace', one)),
    serviceAccount: serviceAccount === undefined ? undefined : readServiceAccount(serviceAccount),
  }
}

function readTiers(names: readonly string[]): Tier[] {
  const unknown = names.find((name) => !TIERS.includes(name as Tier))
  if (unknown !== undefined) throw invalidOption('--tier', unknown, 'is no tier', `Tiers: ${TIERS.join(', ')}.`)
  return TIERS.filter((tier) => names.includes(tier))
}

function readServiceAccount(text: string): { namespace: string; name: string } {
  const [namespace = '', name = '', ...rest] = text.split('/')
  if (rest.length === 0 && isLabel(namespace) && name.split('.').every(isLabel)) return { namespace, name }
  throw invalidOption('--service-account', text, 'is no service account', 'Write it as NAMESPACE/NAME.')
}
