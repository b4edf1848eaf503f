import { atLeastOne } from '../../incident/citation.ts'
import { type Experiment, findExperiments } from '../../incident/experiment.ts'
import type { Incident } from '../../incident/incident.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, tellNames, tellTime } from '../../incident/telling.ts'
import { IMAGE_REASONS } from '../../incident/waiting.ts'
import { erringCallers, errsSince, harmedWith } from '../erring-callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { hasRestarted, mayComeOf } from '../suffering.ts'

/** A fault that somebody injects on purpose, and whose targets or their callers fail since. */
export const injectedFault: Rule<'injected-fault'> = {
  id: 'injected-fault',
  title: 'A chaos experiment injects a fault',
  domain: 'workload',
  needs: ['pods'],
  helps: ['logs', 'networkchaos.chaos-mesh.org', 'podchaos.chaos-mesh.org', 'chaosengines.litmuschaos.io'],
  explains: [
    'errors',
    'slow',
    'crashing',
    'not-ready',
    'not-starting',
    'no-endpoints',
    'evicted',
    'rollout-stalled',
    'job-failing',
  ],
  explain: {
    mechanism:
      'Chaos Mesh or Litmus delays or drops packets, kills pods, fills memory, fails reads or falsifies clocks and names in the pods that an experiment selects, for as long as it runs. Everything that is seen is then as it is with the real fault, and nothing in the application is to be mended; a forgotten experiment or schedule goes on for ever.',
    proof: [
      'The experiment says that it is injected (containerRecords with phase Injected; an engine whose experiment runs) into pods of the workload that fails, or whose callers fail.',
      'What fails began after it was injected.',
    ],
    lookAlikes: [
      'An experiment that is paused, finished or recovered: its fault is no longer there.',
      'An experiment elsewhere: what fails neither is its target nor calls it.',
      'A target that failed before: the experiment found it so.',
    ],
    mitigate: [
      {
        says: 'Stop it: deleting the object recovers its targets.',
        command: 'kubectl delete {kind} {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Give every experiment a duration and an owner, keep its blast radius to what is watched, and tell those who are on call.',
    ],
    links: ['https://chaos-mesh.org/docs/inspect-chaos-experiments/', 'https://litmuschaos.github.io/litmus/'],
  },
  *evaluate(incident) {
    for (const [, same] of Map.groupBy(findExperiments(incident), ({ subject }) => keyOf(subject))) {
      const active = same.filter(({ isActive }) => isActive)
      const { subject } = same[0] as Experiment
      if (active.length === 0) {
        yield reject(subject, 'It is not injected now: it ended, is paused or found no target.')
        continue
      }
      const harmed = harmedBy(incident, active)
      if (harmed.length === 0) yield reject(subject, 'It is injected, and nothing that it reaches began to fail since.')
      else yield describe(incident, subject, active, harmed)
    }
  },
}

/** Targets that fail since, and whoever calls these and fails since. */
function harmedBy(incident: Incident, active: readonly Experiment[]): readonly Ref[] {
  const targets = uniqueRefs(active.flatMap((one) => one.targets))
  const since = earliest(active.map((one) => one.since))
  const reached = [...targets, ...erringCallers(incident, targets)]
  return uniqueRefs(reached).filter((ref) => failsSince(incident, ref, since))
}

function failsSince(incident: Incident, workload: Ref, since = 0): boolean {
  const pods = incident.workloadOf(workload)?.pods ?? []
  const sick = pods.filter((pod) => (isFailing(pod) || hasRestarted(incident, pod)) && !isHeldUp(pod))
  if (sick.some((pod) => mayComeOf(pod, since, undefined))) return true
  return errsSince(incident, workload, since)
}

const HELD_UP: readonly string[] = [...IMAGE_REASONS, 'CreateContainerConfigError']

/** What no experiment does: an image that cannot be pulled, settings that are missing, no node. */
function isHeldUp({ node, containers }: Pod): boolean {
  return node === '' || containers.some(({ state }) => state.kind === 'waiting' && HELD_UP.includes(state.reason))
}

function describe(incident: Incident, subject: Ref, active: readonly Experiment[], harmed: readonly Ref[]): Finding {
  const [first] = active as readonly [Experiment, ...Experiment[]]
  const targets = uniqueRefs(active.flatMap((one) => one.targets))
  const since = earliest(active.map((one) => one.since))
  return {
    kind: 'cause',
    subject,
    strength: since === undefined ? 'strong' : 'proof',
    from: since,
    says: `${describeRef(subject)} (${first.tool}: ${first.action}) is injected into ${tellNames(targets.map(describeRef))} since ${tellTime(since)}; ${count(harmed.length, 'workload')} (${tellNames(harmed.map(({ name }) => name))}) fail since then.`,
    cites: atLeastOne(active.flatMap(({ cites }) => cites).slice(0, 4)),
    affects: harmedWith(incident, [...targets, ...harmed]),
  }
}
