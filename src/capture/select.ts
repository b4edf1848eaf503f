import type { Collector } from '../collector.ts'
import { FreezeframeError } from '../error.ts'

/** The collectors of a run, and those that the arguments leave out, each with the argument that did. */
export interface Selection {
  readonly selected: readonly Collector[]
  readonly left: readonly { readonly collector: Collector; readonly reason: string }[]
}

/**
 * Applies `--only` and `--skip`. Logs are chosen by the pods seen, so `logs` brings `pods` along, and what is read of nodes brings nodes and pods. Throws OPTION_INVALID on an unknown id,
 * and where nothing is left to do.
 */
export function selectCollectors(
  collectors: readonly Collector[],
  only: readonly string[] | undefined,
  skip: readonly string[],
): Selection {
  const ids = collectors.map((collector) => collector.id)
  for (const id of [...(only ?? []), ...skip]) if (!ids.includes(id)) throw unknownCollector(id, ids)
  const wanted = new Set(only ?? ids)
  for (const id of skip) wanted.delete(id)
  for (const collector of collectors.filter(({ id }) => wanted.has(id))) {
    for (const id of CHOSEN_BY[collector.scope] ?? []) if (!skip.includes(id)) wanted.add(id)
  }
  const selected = collectors.filter((collector) => wanted.has(collector.id))
  if (!selected.some((collector) => collector.volatility > 0)) throw nothingLeft(selected)
  return {
    selected,
    left: collectors
      .filter((collector) => !wanted.has(collector.id))
      .map((collector) => ({ collector, reason: skip.includes(collector.id) ? '--skip' : '--only' })),
  }
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
