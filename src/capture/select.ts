import type { Collector } from '../collector.ts'
import { FreezeframeError } from '../error.ts'
import type { InsideWay } from '../sources/node/inside.ts'

/** The collectors of a run, and those that the arguments leave out, each with the reason. */
export interface Selection {
  readonly selected: readonly Collector[]
  readonly left: readonly { readonly collector: Collector; readonly reason: string }[]
}

/**
 * Applies `--only` and `--skip`, and leaves out what needs a way into nodes that is not open. Logs are chosen by the pods seen, so `logs`
 * brings `pods` along, and what is read of nodes brings nodes and pods. Throws OPTION_INVALID on an unknown id, where nothing is left to do,
 * and where one is asked for by name whose way is not open.
 */
export function selectCollectors(
  collectors: readonly Collector[],
  only: readonly string[] | undefined,
  skip: readonly string[],
  ways: readonly InsideWay[] = [],
): Selection {
  const ids = collectors.map((collector) => collector.id)
  for (const id of [...(only ?? []), ...skip]) if (!ids.includes(id)) throw unknownCollector(id, ids)
  const wanted = new Set(only ?? ids)
  for (const id of skip) wanted.delete(id)
  const closed = collectors.filter((one) => wanted.has(one.id) && !isOpen(one, ways))
  if (only && closed[0]) throw closedWay(closed[0])
  for (const { id } of closed) wanted.delete(id)
  for (const collector of collectors.filter(({ id }) => wanted.has(id))) {
    for (const id of CHOSEN_BY[collector.scope] ?? []) if (!skip.includes(id)) wanted.add(id)
  }
  const selected = collectors.filter((collector) => wanted.has(collector.id))
  if (!selected.some((collector) => collector.volatility > 0)) throw nothingLeft(selected)
  return {
    selected,
    left: collectors
      .filter((collector) => !wanted.has(collector.id))
      .map((collector) => ({ collector, reason: whyLeft(collector) })),
  }

  function whyLeft(collector: Collector): string {
    if (closed.includes(collector)) return `needs ${optionsOf(collector)}`
    return `left out by ${skip.includes(collector.id) ? '--skip' : '--only'}`
  }
}

function isOpen({ ways: needed }: Collector, ways: readonly InsideWay[]): boolean {
  return needed?.some((way) => ways.includes(way)) ?? true
}

const OPTIONS: Readonly<Record<InsideWay, string>> = {
  exec: '--allow-exec',
  probe: '--probe-pods',
  'node-diagnostic': '--node-diagnostic',
}

function optionsOf({ ways }: Collector): string {
  return (ways ?? []).map((way) => OPTIONS[way]).join(' or ')
}

function closedWay(collector: Collector): FreezeframeError {
  const options = optionsOf(collector)
  return new FreezeframeError('OPTION_INVALID', `"${collector.id}" reads nodes from inside and needs ${options}.`, {
    remedy: `Add ${options}, or leave it out of --only.`,
  })
}

/** By what the targets of a scope are chosen. */
const CHOSEN_BY: Partial<Record<Collector['scope'], readonly string[]>> = {
  pod: ['pods'],
  component: ['pods'],
  node: ['nodes', 'pods'],
}

/** Band 0 records while the others work: alone it would end as it begins. */
function nothingLeft(recordings: readonly Collector[]): FreezeframeError {
  const [recording] = recordings
  if (!recording) {
    return new FreezeframeError('OPTION_INVALID', '--only and --skip leave no collector.', {
      remedy: 'Name one that --skip does not leave out.',
    })
  }
  return new FreezeframeError(
    'OPTION_INVALID',
    `"${recording.id}" records while other collectors work, and none is left.`,
    {
      remedy: `Name another one with it, for instance --only ${recording.id},pods.`,
    },
  )
}

function unknownCollector(id: string, ids: readonly string[]): FreezeframeError {
  return new FreezeframeError('OPTION_INVALID', `There is no collector "${id}".`, {
    remedy: `Collectors: ${ids.join(', ')}.`,
  })
}
