import { existsSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { type Incident, readIncident } from '../../src/incident/incident.ts'
import type { Ref } from '../../src/incident/reference.ts'
import { analyze } from '../../src/rca/analyze.ts'
import { blanksOf } from '../../src/rca/command-blanks.ts'
import { fillCommands } from '../../src/rca/fill-commands.ts'
import { rules } from '../../src/rules/index.ts'
import type { Action, Finding } from '../../src/rules/rule.ts'
import { bundleOf, incidentOf } from '../incident/scene.ts'
import { node, pod, replicaSet, thing, workload } from '../incident/things.ts'

const ACTION = { says: 'Do it.', command: 'kubectl delete {kind} {name} -n {namespace}', changes: true }

const FOUND = {
  kind: 'cause',
  strength: 'weak',
  from: undefined,
  says: 'x',
  cites: [{ file: 'x', line: 1, words: 'x' }],
} as const

async function fill(subject: Finding['subject']): Promise<string | undefined> {
  return fillCommands(await incidentOf({ objects: [] }), { ...FOUND, subject }, [ACTION])[0]?.command
}

it('puts names into commands', async () => {
  expect(await fill({ kind: 'Deployment', namespace: 'shop', name: 'web-1.2' })).toBe(
    'kubectl delete deployment web-1.2 -n shop',
  )
})

it.each(['x; rm -rf /', '$(id)', '`id`', "x'y", '-A', 'a b', 'a\nb', 'a|b', 'a>b'])(
  'puts %j into no command that somebody will paste',
  async (name) => {
    expect(await fill({ kind: 'Deployment', namespace: 'shop', name })).toBeUndefined()
  },
)

it('quotes the name of a bundle that a shell would read otherwise', async () => {
  const options = { name: "it's $(id).tar.gz", toolVersion: '0' }
  const { replay } = await analyze(bundleOf({ objects: [] }), options)
  expect(replay[0]).toBe("freezeframe verify 'it'\\''s $(id).tar.gz'")
})

const UNDO = 'kubectl rollout undo deployment/{name} -n {namespace}'
const LOGS = 'kubectl logs -n {namespace} deploy/{name} --previous'
const cluster = [
  workload('Deployment', 'shop/web'),
  pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5' }),
  replicaSet('shop/web-6c8f7d9b5', 'web', 1),
  workload('DaemonSet', 'shop/agent'),
  pod('shop/agent-ab1cd', { owner: 'DaemonSet/agent' }),
  workload('StatefulSet', 'shop/pg'),
  pod('shop/loose'),
  pod('shop/etcd-node-1', { owner: 'Node/node-1' }),
  thing('batch/v1', 'Job', 'shop/once', {}),
  thing('batch/v1', 'CronJob', 'shop/nightly', {}),
  thing('v1', 'PersistentVolumeClaim', 'shop/data-pg-0', {}),
  thing('v1', 'Service', 'shop/web', {}),
  thing('v1', 'ConfigMap', 'shop/conf', {}),
  thing('v1', 'Namespace', 'shop', {}),
  node('node-1'),
  thing('example.com/v1', 'Cluster', 'shop/main', {}),
]
const own = (kind: string, name: string): Ref => ({ kind, namespace: 'shop', name })
const commandFor = async (subject: Ref, command: string, affects: readonly Ref[] = []) =>
  fillCommands(await incidentOf({ objects: cluster }), { ...FOUND, subject, affects }, [
    { says: 'Do it.', command, changes: true },
  ])[0]

it.each([
  ['a Deployment', own('Deployment', 'web'), UNDO, 'kubectl rollout undo deployment/web -n shop'],
  ['a StatefulSet', own('StatefulSet', 'pg'), UNDO, 'kubectl rollout undo statefulset/pg -n shop'],
  ['a pod of a Deployment', own('Pod', 'web-6c8f7d9b5-abcde'), UNDO, 'kubectl rollout undo deployment/web -n shop'],
  ['a ReplicaSet', own('ReplicaSet', 'web-6c8f7d9b5'), UNDO, 'kubectl rollout undo deployment/web -n shop'],
  ['a bare pod', own('Pod', 'loose'), UNDO, undefined],
  ['a bare pod that logs', own('Pod', 'loose'), LOGS, 'kubectl logs -n shop pod/loose --previous'],
  ['a static pod', own('Pod', 'etcd-node-1'), UNDO, undefined],
  ['a Job', own('Job', 'once'), UNDO, undefined],
  ['a CronJob', own('CronJob', 'nightly'), LOGS, undefined],
  ['a claim', own('PersistentVolumeClaim', 'data-pg-0'), UNDO, undefined],
  ['a custom resource', own('Cluster', 'main'), 'kubectl logs -n {namespace} {kind}/{name}', undefined],
  [
    'a custom resource to look at',
    own('Cluster', 'main'),
    'kubectl get {kind} {name} -n {namespace}',
    'kubectl get cluster main -n shop',
  ],
  ['a DaemonSet', own('DaemonSet', 'agent'), 'kubectl scale deployment/{name} -n {namespace} --replicas=0', undefined],
  [
    'a pod of a DaemonSet',
    own('Pod', 'agent-ab1cd'),
    'kubectl logs -n {namespace} daemonset/{name}',
    'kubectl logs -n shop daemonset/agent',
  ],
  ['another kind', own('Deployment', 'web'), 'kubectl describe pvc {name} -n {namespace}', undefined],
  [
    'a Deployment that is patched',
    own('StatefulSet', 'pg'),
    'kubectl patch deployment {name} -n {namespace}',
    'kubectl patch statefulset pg -n shop',
  ],
  ['what is nowhere', own('Deployment', 'gone'), UNDO, undefined],
  [
    'a node, with a name of its rule',
    { kind: 'Node', name: 'node-1' },
    'kubectl rollout restart deployment/coredns -n kube-system',
    undefined,
  ],
])('gives %s a command that can be run, or none', async (_, subject, template, expected) => {
  expect((await commandFor(subject, template))?.command).toBe(expected)
})

it('acts on the only workload that suffers from something else, and on none of several', async () => {
  const claim = own('PersistentVolumeClaim', 'data-pg-0')
  expect((await commandFor(claim, UNDO, [own('StatefulSet', 'pg')]))?.command).toContain('statefulset/pg')
  expect((await commandFor(claim, UNDO, [own('StatefulSet', 'pg'), own('Deployment', 'web')]))?.command).toBeUndefined()
})

it('says which words of a command are to be replaced', async () => {
  const action = await commandFor(
    own('Deployment', 'web'),
    'kubectl set resources deployment/{name} -n {namespace} --limits=cpu=<more>',
  )
  expect(action?.says).toBe('Do it. Put in <more> yourself.')
})

function check(incident: Incident, { says, command = '' }: Action): void {
  expect(command).not.toMatch(/\{\w+\}/)
  for (const blank of blanksOf(command)) expect(says).toContain(blank)
  const [, namespace] = /\s-n (\S+)/.exec(command) ?? []
  for (const [, kind, name] of command.matchAll(/\b(deployment|statefulset|daemonset|pod|pvc)[/ ]([a-z0-9][\w.-]*)/g)) {
    const long = {
      deployment: 'Deployment',
      statefulset: 'StatefulSet',
      daemonset: 'DaemonSet',
      pod: 'Pod',
      pvc: 'PersistentVolumeClaim',
    }[kind as 'pod']
    const isKnown =
      incident.find(long, namespace, name as string) ??
      incident.workloadOf({ kind: long, namespace: namespace as string, name: name as string })
    if (
      incident.coverage.isComplete(
        kind === 'pod' ? 'pods' : kind === 'pvc' ? 'persistentvolumeclaims' : `${kind}s.apps`,
        namespace,
      )
    )
      expect(isKnown, command).toBeDefined()
  }
}

it('names no object that is not there, whatever a rule is about', async () => {
  const incident = await incidentOf({ objects: cluster })
  const subjects = cluster.map(({ kind, metadata }) => ({
    kind,
    ...(metadata as { name: string; namespace?: string }),
  }))
  for (const { explain } of rules)
    for (const { kind, name, namespace } of subjects) {
      const subject = namespace === undefined ? { kind, name } : { kind, name, namespace }
      for (const action of fillCommands(incident, { ...FOUND, subject }, explain.mitigate)) check(incident, action)
    }
})

it('names no object that is not there in any recorded incident', { timeout: 120_000 }, async () => {
  const folder = new URL('../../fixtures/incidents/', import.meta.url).pathname
  for (const name of readdirSync(folder).filter((one) => existsSync(`${folder}${one}/bundle.tar.gz`))) {
    const bundle = await openBundle(`${folder}${name}/bundle.tar.gz`)
    const incident = await readIncident(bundle)
    const { causes } = await analyze(bundle, { name, toolVersion: '0' })
    for (const action of causes.flatMap(({ actions }) => actions)) check(incident, action)
    await bundle.close()
  }
})
