import type { Incident } from '../incident/incident.ts'
import type { Action, Finding } from '../rules/rule.ts'

/** Names as Kubernetes has them: letters that mean nothing to any shell, wherever in a command they stand. */
const NAME = /^[a-zA-Z0-9][\w.:-]*$/

/**
 * Puts the names of a finding into the commands of its rule: `{namespace}`, `{name}`, `{kind}`, `{node}`. A command is there to be pasted, and
 * a bundle may come from a stranger: what is no name stays a placeholder.
 */
export function fillCommands(
  incident: Incident,
  { subject, affects = [] }: Finding,
  actions: readonly Action[],
): readonly Action[] {
  const pod = [subject, ...affects].find(({ kind }) => kind === 'Pod')
  const node =
    subject.kind === 'Node'
      ? subject.name
      : ([...affects].find(({ kind }) => kind === 'Node')?.name ?? (pod && incident.podOf(pod)?.node))
  const values: Readonly<Record<string, string | undefined>> = {
    kind: subject.kind.toLowerCase(),
    namespace: subject.namespace ?? affects[0]?.namespace,
    name: subject.name,
    node,
    pod: pod?.name,
  }
  return actions.map((action) => {
    const { command, ...rest } = action
    if (command === undefined) return action
    // Advice names the usual kind; the subject may be another one, and the command has to be right.
    const fitting = command.replace(
      /\bdeploy(ment)?(s)?\/\{name\}/g,
      /^(StatefulSet|DaemonSet)$/.test(subject.kind) ? '{kind}/{name}' : '$&',
    )
    return {
      ...rest,
      command: fitting.replace(/\{(\w+)\}/g, (placeholder, key: string) => asName(values[key]) ?? placeholder),
    }
  })
}

function asName(value: string | undefined): string | undefined {
  return value !== undefined && NAME.test(value) ? value : undefined
}
