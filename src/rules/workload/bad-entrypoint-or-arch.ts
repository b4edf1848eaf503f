import { badStartsOf, hasBadStart } from '../../incident/bad-start.ts'
import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { crashesOf } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { lastWordsOf } from '../../incident/last-words.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten } from '../../incident/telling.ts'
import { CONFIG_REASONS, IMAGE_REASONS, waitingContainer } from '../../incident/waiting.ts'
import type { Advice, Finding, Rule } from '../rule.ts'

/** A command that is not in the image, may not be run, or is for another kind of processor; or a node that lacks what the container is to run with. */
export const badEntrypointOrArch: Rule<'bad-entrypoint-or-arch'> = {
  id: 'bad-entrypoint-or-arch',
  title: 'The container cannot be started: its command, its processor, or a profile or driver that its node lacks',
  domain: 'workload',
  needs: ['pods'],
  helps: ['events', 'nodes', 'previous-logs'],
  explains: [
    'crashing',
    'not-starting',
    'not-ready',
    'rollout-stalled',
    'no-endpoints',
    'job-failing',
    'unhealthy-condition',
  ],
  explain: {
    mechanism:
      'The image came, and the runtime could not start its program: the command or its interpreter is not in the image, it is not marked executable, the working directory or the user does not exist, or the program was built for another processor than that of the node (exec format error). Or the node lacks what the container is to run with: its seccomp or AppArmor profile, a kernel parameter that it sets, the driver of its graphics card. No line of the application was ever run.',
    proof: [
      'The container ended with StartError or ContainerCannotRun, or waits with RunContainerError, and the message of the runtime names the command.',
      'The log holds exec format error; the image has one architecture and the node another.',
      'The runtime says cannot load seccomp profile, unable to apply apparmor profile, open /proc/sys/…, or nvidia-container-cli.',
      'Exit code 127 (not found) or 126 (not executable) of a shell, with the words not found or permission denied.',
    ],
    lookAlikes: [
      'The command of a probe or hook is missing: the container itself runs.',
      'image-not-found: the image did not come.',
      'crashloop-app-error: the program began and ended with an error of its own.',
    ],
    mitigate: [
      {
        says: 'See which command is started, and on which nodes.',
        command:
          "kubectl get pods -n {namespace} -o custom-columns='NAME:.metadata.name,NODE:.spec.nodeName,COMMAND:.spec.containers[*].command,ARGS:.spec.containers[*].args'",
        changes: false,
      },
      {
        says: 'Go back to the revision that ran.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Correct command and args, build images for every architecture of the nodes, or pin kubernetes.io/arch in the node selector.',
    ],
    links: [
      'https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/',
      'https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch',
    ],
  },
  *evaluate(incident) {
    const starts = incident.pods.flatMap((pod) => startOf(incident, pod) ?? [])
    for (const [, members] of Map.groupBy(starts, ({ pod }) => keyOf(pod.workload)))
      yield describe(incident, (members[0] as Start).pod.workload, members)
  },
}

/** A program that did not begin, and the words that say so. */
interface Start {
  readonly pod: Pod
  readonly words: string
  readonly isNamed: boolean
  /** What it is: the command that the image brings, what the node lacks for the container, or something between. */
  readonly of: 'command' | 'node' | 'container'
  readonly since: number | undefined
  readonly cites: readonly Citation[]
}

function startOf(incident: Incident, pod: Pod): Start | undefined {
  if (pod.phase === 'Succeeded' || pod.deleted !== undefined) return undefined
  const crash = crashesOf(incident, pod).find((one) => hasBadStart(incident, one))
  const said = [...badStartsOf(incident, pod), ...missingPlatform(incident, pod)].sort(byNode)
  const isStuck =
    crash !== undefined ||
    waitingContainer(pod, [...CONFIG_REASONS, ...IMAGE_REASONS, 'CrashLoopBackOff']) !== undefined
  if (!isStuck || (!crash && said.length === 0)) return undefined
  const last = crash && lastWordsOf(incident, crash)
  return {
    pod,
    words: said[0]?.words ?? last?.text ?? crash?.end?.message ?? '',
    isNamed: said.length > 0 || last?.classes.includes('exec-format') === true,
    of: whatFailed(said, last?.classes ?? []),
    since: earliest([crash?.since, ...said.map(({ first }) => first), pod.started]),
    cites: [
      ...said.slice(0, 2).map(({ citation }) => citation),
      ...(last ? [last.citation] : []),
      ...(crash ? [crash.citation] : []),
    ],
  }
}

const OF_NODE: ReadonlySet<MessageId> = new Set<MessageId>([
  'security-profile-missing',
  'kernel-parameter-refused',
  'gpu-hook-failed',
])

const OF_COMMAND: ReadonlySet<MessageId> = new Set<MessageId>([
  'wrong-architecture',
  'missing-executable',
  'executable-not-permitted',
  'image-platform-missing',
])

/** A helper of the node that is not found is told in the same words as a command. */
function byNode(a: Said, b: Said): number {
  return Number(OF_NODE.has(b.id)) - Number(OF_NODE.has(a.id))
}

function whatFailed(said: readonly Said[], classes: readonly string[]): Start['of'] {
  if (said.some(({ id }) => OF_NODE.has(id))) return 'node'
  const isCommand = said.some(({ id }) => OF_COMMAND.has(id)) || (said.length === 0 && classes.length > 0)
  return isCommand ? 'command' : 'container'
}

function missingPlatform(incident: Incident, pod: Pod) {
  return incident.saidAbout(pod.ref).filter((said) => said.id === 'image-platform-missing' && isSaidNow(incident, said))
}

function describe(incident: Incident, workload: Ref, starts: readonly Start[]): Finding {
  const pods = starts.map(({ pod }) => pod)
  const named = starts.find(({ isNamed }) => isNamed) ?? (starts[0] as Start)
  return {
    kind: 'cause',
    subject: workload,
    strength: named.isNamed ? 'proof' : named.words === '' ? 'weak' : 'strong',
    from: earliest(starts.map(({ since }) => since)),
    says: `The ${named.of === 'command' ? 'command' : 'container'} in ${count(pods.length, 'pod')} of ${workload.name} cannot be started${tellArchitecture(incident, pods)}${named.of === 'node' ? ', for its node lacks what it is to run with' : ''}: ${shorten(named.words)}.`,
    cites: atLeastOne([...named.cites, ...citeArchitecture(incident, pods)].slice(0, 5)),
    affects: sufferersOf(incident, pods),
    ...(named.of === 'node' ? { advice: OF_NODES } : {}),
  }
}

/** What helps where the image is right and the node is not. */
const OF_NODES: Advice = {
  mitigate: [
    {
      says: 'See on which nodes it does not start, and let the pods run where it does.',
      command: 'kubectl get pods -n {namespace} -o wide',
      changes: false,
    },
  ],
  fix: [
    'Bring the profile, the kernel parameter or the driver to every node where the pods may run (image of the node, DaemonSet, operator), and select these nodes.',
  ],
}

/** The processors of the nodes on which it does not start, where it runs on others. */
function tellArchitecture(incident: Incident, pods: readonly Pod[]): string {
  const failing = architecturesOf(incident, pods)
  const siblings = (incident.workloadOf((pods[0] as Pod).workload)?.pods ?? []).filter((pod) => pod.ready)
  const running = architecturesOf(incident, siblings)
  const isSplit = running.size > 0 && [...failing].every((one) => !running.has(one))
  return isSplit ? ` on ${[...failing].join(', ')} nodes, while it runs on ${[...running].join(', ')}` : ''
}

function architecturesOf(incident: Incident, pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(pods.map(({ node }) => incident.nodeOf(node)?.architecture ?? '').filter((one) => one !== ''))
}

function citeArchitecture(incident: Incident, pods: readonly Pod[]): readonly Citation[] {
  const node = incident.nodeOf(pods[0]?.node ?? '')
  return node ? [cite(node, ['status', 'nodeInfo', 'architecture'])] : []
}
