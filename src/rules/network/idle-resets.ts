import type { Citations } from '../../incident/citation.ts'
import { atLeastOne, citeLine } from '../../incident/citation.ts'
import type { ContainerLog } from '../../incident/container-log.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LogTemplate } from '../../incident/logs/log-summary.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'

/** NAT gateways, NLBs and, on Nitro v6, network interfaces forget an idle connection after 350 s (AWS documentation of each). */
export const IDLE_MS = 350_000

/** Fewer resets show no pattern. */
const FEWEST = 3

/** Resets of a workload that each follow a long silence, as those of forgotten connections do. */
export interface IdleResets {
  readonly workload: Ref
  readonly logs: readonly ContainerLog[]
  readonly templates: readonly LogTemplate[]
  readonly first: number | undefined
  readonly cites: Citations
}

/** Finds workloads whose calls, to targets that are meant, are reset at intervals longer than the idle timeout, and in no other way. */
export function idleResets(
  incident: Incident,
  isMeant: (target: string, log: ContainerLog) => boolean,
): readonly IdleResets[] {
  const found = incident.logs.flatMap((log) =>
    log.summary.templates
      .filter(
        (template) =>
          isReset(template) &&
          (template.targets.length === 0 ? isMeant('', log) : template.targets.some((one) => isMeant(one, log))),
      )
      .map((template) => ({ log, template })),
  )
  const groups = Map.groupBy(found, ({ log }) =>
    keyOf(incident.topOf({ kind: 'Pod', namespace: log.namespace, name: log.pod })),
  )
  return [...groups.values()]
    .filter((lines) => lines.some(({ template }) => followsSilence(template)))
    .map((lines) => {
      const [{ log }] = lines as [(typeof lines)[number]]
      return {
        workload: incident.topOf({ kind: 'Pod', namespace: log.namespace, name: log.pod }),
        logs: lines.map((one) => one.log),
        templates: lines.map((one) => one.template),
        first: lines[0]?.template.first,
        cites: atLeastOne(
          lines
            .slice(0, 3)
            .map((one) => citeLine(one.log.summary.path, one.template.example.line, one.template.example.text)),
        ),
      }
    })
}

function isReset({ classes }: LogTemplate): boolean {
  return classes.includes('connection-reset') && !classes.includes('timeout') && !classes.includes('connection-refused')
}

/** Every time is kept only while there are few: of many the gaps are not known. */
function followsSilence({ times, count }: LogTemplate): boolean {
  if (times.length < FEWEST || times.length < count) return false
  return times.every((at, index) => index === 0 || at - (times[index - 1] ?? at) >= IDLE_MS)
}

/** Whether the cluster runs on AWS, by its nodes. */
export function isOnAws({ nodes }: Incident): boolean {
  return nodes.some(({ json }) =>
    String((json.spec as { providerID?: unknown } | undefined)?.providerID ?? '').startsWith('aws:'),
  )
}
