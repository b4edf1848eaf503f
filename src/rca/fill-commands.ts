import type { Incident } from '../incident/incident.ts'
import { keyOf, type Ref, uniqueRefs } from '../incident/reference.ts'
import type { Action, Finding } from '../rules/rule.ts'
import { askForBlanks } from './command-blanks.ts'
import { isThere, namesAbsent } from './command-objects.ts'

/** Names as Kubernetes has them: letters that mean nothing to any shell, wherever in a command they stand. */
const NAME = /^[a-zA-Z0-9][\w.:-]*$/

/**
 * Puts the names of a finding into the commands of its rule: `{namespace}`, `{name}`, `{kind}`, `{node}`. A command is there to be pasted, and
 * a bundle may come from a stranger: where a name is none, or no object fits the command, only the sentence is left.
 */
export function fillCommands(incident: Incident, finding: Finding, actions: readonly Action[]): readonly Action[] {
  return actions.map((action) => {
    const { command: template, ...sentence } = action
    if (template === undefined) return action
    const command = fill(incident, finding, template)
    return command === undefined || namesAbsent(incident, command) ? sentence : askForBlanks({ ...sentence, command })
  })
}

function fill(incident: Incident, finding: Finding, template: string): string | undefined {
  const target = targetOf(incident, finding, template)
  if (!target) return undefined
  const values = valuesOf(incident, finding, target.ref)
  const command = target.template.replace(
    /\{(\w+)\}/g,
    (placeholder, key: string) => asName(values[key]) ?? placeholder,
  )
  return /\{\w+\}/.test(command) ? undefined : command
}

function valuesOf(
  incident: Incident,
  { subject, affects = [] }: Finding,
  ref: Ref,
): Readonly<Record<string, string | undefined>> {
  const pod = [subject, ...affects].find(({ kind }) => kind === 'Pod')
  const node =
    subject.kind === 'Node'
      ? subject.name
      : ([...affects].find(({ kind }) => kind === 'Node')?.name ?? (pod && incident.podOf(pod)?.node))
  return {
    kind: ref.kind.toLowerCase(),
    namespace:
      ref.namespace ?? (ref.kind === 'Namespace' ? ref.name : affects.find(({ namespace }) => namespace)?.namespace),
    name: ref.name,
    node,
    pod: pod?.name,
  }
}

interface Target {
  readonly template: string
  readonly ref: Ref
}

/** Advice for workloads names the usual kind; and these verbs are for workloads alone, whatever kind is named. */
const OF_WORKLOAD = /(?:\bdeploy(?:ment)?s?[/ ]|(?<=\b(?:logs|rollout \w+|exec)\b.*)\{kind\}\/)\{name\}/

/** `kubectl describe pvc {name}`: one kind and no other. */
const OF_KIND =
  /\b(pvc|hpa|pod|configmap|networkpolicy|cronjob|service|externalsecret|virtualservice|apiservice|daemonset)(?:\/| (?:-n \S+ )?)\{name\}/

const LONG_NAMES: Readonly<Record<string, string>> = { pvc: 'persistentvolumeclaim', hpa: 'horizontalpodautoscaler' }

/** Whom a command is about. */
function targetOf(incident: Incident, { subject, affects = [] }: Finding, template: string): Target | undefined {
  if (OF_WORKLOAD.test(template)) return workloadTarget(incident, [subject, ...affects], template)
  const [, alias] = OF_KIND.exec(template) ?? []
  if (alias === undefined) return { template, ref: subject }
  const kind = LONG_NAMES[alias] ?? alias
  const refs = [subject, ...affects].flatMap((one) => [one, incident.topOf(one)])
  const ref = refs.find((one) => one.kind.toLowerCase() === kind)
  return ref && { template, ref }
}

/** The subject, what it belongs to, or the only workload that suffers. Logs are read, and programs run, in a pod too. */
function workloadTarget(incident: Incident, refs: readonly Ref[], template: string): Target | undefined {
  const [subject] = refs as [Ref]
  const own = incident.topOf(subject)
  const all = uniqueRefs(refs.map(incident.topOf)).filter((ref) => isWorkload(incident, ref))
  const workload = isWorkload(incident, own) ? own : isLoose(subject) || all.length > 1 ? undefined : all[0]
  if (workload && isPossible(template, workload.kind))
    return {
      template: template.replace(OF_WORKLOAD, (words) => words.replace(/^.*(?=[/ ]\{name\})/, '{kind}')),
      ref: workload,
    }
  const pod = refs.find((ref) => ref.kind === 'Pod' && (subject.kind !== 'Pod' || keyOf(ref) === keyOf(subject)))
  if (workload || !pod || !isThere(incident, pod) || !/\bkubectl (?:-n \S+ )?(?:logs|exec)\b/.test(template))
    return undefined
  return { template: template.replace(OF_WORKLOAD, 'pod/{name}'), ref: pod }
}

function isWorkload(incident: Incident, ref: Ref): boolean {
  return /^(?:Deployment|StatefulSet|DaemonSet)$/.test(ref.kind) && isThere(incident, ref)
}

/** What runs by itself: whoever suffers beside it is somebody else. */
function isLoose({ kind }: Ref): boolean {
  return kind === 'Pod' || kind === 'Job' || kind === 'CronJob'
}

/** A DaemonSet has no number of replicas, and only the rollout of a Deployment can be halted (kubectl scale, kubectl rollout pause). */
function isPossible(template: string, kind: string): boolean {
  if (/\bkubectl (?:-n \S+ )?scale\b/.test(template)) return kind !== 'DaemonSet'
  return !/\brollout pause\b/.test(template) || kind === 'Deployment'
}

function asName(value: string | undefined): string | undefined {
  return value !== undefined && NAME.test(value) ? value : undefined
}
