import type { Incident } from './incident.ts'
import type { Node } from './node.ts'
import type { Pod } from './pod.ts'
import { describeRef, keyOf } from './reference.ts'

/** One trait of a pod: its name and its value. */
export type Trait = readonly [trait: string, value: string]

/** Makes a function that lists what a pod could have in common with others: where it runs, what it runs, what it uses. */
export function traitsOf(incident: Incident): (pod: Pod) => readonly Trait[] {
  const failing = incident.dependencies.filter((one) => one.failing)
  const calls = Map.groupBy(failing, ({ from }) => keyOf(from))

  return (pod) => {
    const traits = [
      ...ofNode(incident.nodeOf(pod.node)),
      ...ofTemplate(pod),
      ...incident.usesOf(pod).map(({ kind, name }): Trait => [kind, `${pod.ref.namespace}/${name}`]),
      ...(calls.get(keyOf(pod.workload)) ?? []).map(({ to }): Trait => ['failing call to', describeRef(to)]),
    ]
    const distinct = new Map(traits.map((trait) => [trait.join(' '), trait]))
    return [...distinct.values()].filter(([trait, value]) => value !== '' && trait !== 'ServiceAccount')
  }
}

function ofNode(node: Node | undefined): readonly Trait[] {
  if (!node) return []
  return [
    ['node', node.ref.name],
    ['zone', node.zone],
    ['node group', node.group],
    ['instance type', node.instanceType],
    ['architecture', node.architecture],
    ...Object.entries(node.versions),
  ]
}

function ofTemplate(pod: Pod): readonly Trait[] {
  return [
    ['namespace', pod.ref.namespace ?? ''],
    ['template', pod.templateHash === '' ? '' : `${describeRef(pod.workload)} ${pod.templateHash}`],
    ['priority class', pod.priorityClass],
    ...pod.containers.map(({ image }): Trait => ['image', image]),
  ]
}
