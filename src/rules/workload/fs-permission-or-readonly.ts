import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { type Crash, findCrashes } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { isTrueAt, numberAt, recordAt } from '../../incident/kubernetes.ts'
import { type LastWords, lastWordsOf } from '../../incident/last-words.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { LogClass } from '../../incident/logs/log-summary.ts'
import type { Pod } from '../../incident/pod.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten } from '../../incident/telling.ts'
import { CREATING_REASONS, waitingContainer } from '../../incident/waiting.ts'
import { groupByWorkload } from '../group.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A program that may not read or write a file that it needs. */
export const fsPermissionOrReadonly: Rule<'fs-permission-or-readonly'> = {
  id: 'fs-permission-or-readonly',
  title: 'The application may not read or write its files',
  domain: 'workload',
  seeds: ['KIA 4.2.2'],
  needs: ['pods'],
  helps: ['previous-logs', 'logs', 'events', 'kernel-log'],
  explains: ['crashing', 'not-starting', 'not-ready', 'no-endpoints', 'rollout-stalled', 'job-failing', 'errors'],
  explain: {
    mechanism:
      'The container runs as another user than the owner of its files, or with a root file system that is read only, mostly since somebody hardened its securityContext or changed the image. The program ends with the first file that it cannot open or create: a cache, a log, a pid file, or a directory on a volume whose group is not its own.',
    proof: [
      'The last words before the end are read-only file system, permission denied or operation not permitted, about a file.',
      'readOnlyRootFilesystem is true, or runAsUser is set and fsGroup is not.',
      'An event FailedMount says applyFSGroup failed.',
    ],
    lookAlikes: [
      'block-device-error: the kernel made the file system read only after an error, and several pods of the node suffer.',
      'bad-entrypoint-or-arch: the command itself may not be executed.',
      'rbac-forbidden, irsa-denied: an API says forbidden, not a file system.',
    ],
    mitigate: [
      {
        says: 'See what the container may do.',
        command:
          "kubectl get pods -n {namespace} -o jsonpath='{.items[*].spec.securityContext}{.items[*].spec.containers[*].securityContext}'",
        changes: false,
      },
      {
        says: 'Go back to the settings of before, if they changed.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Mount an emptyDir where the program writes, set fsGroup for volumes, and make the image own its files as the user that it runs as.',
    ],
    links: ['https://kubernetes.io/docs/tasks/configure-pod-container/security-context/'],
  },
  *evaluate(incident) {
    for (const { workload, crashes } of findCrashes(incident)) {
      const found = crashes.map((crash) => ({ crash, words: lastWordsOf(incident, crash) })).filter(isAboutFiles)
      if (found.length === 0) continue
      if (isDamaged(found))
        yield reject(
          workload,
          'Its file system is read only although nothing of its definition says so: look at the disk of the node.',
        )
      else yield describe(incident, found)
    }
    for (const { pods, said } of groupByWorkload(incident, 'fs-group-failed')) {
      const now = said.filter((one) => isSaidNow(incident, one))
      const waiting = pods.filter((pod) => waitingContainer(pod, CREATING_REASONS))
      if (now.length > 0 && waiting.length > 0)
        yield group(
          incident,
          waiting,
          now.map(({ citation, words }) => ({ citation, text: words })),
          earliest(now.map(({ first }) => first)),
          'proof',
        )
    }
  },
}

interface Found {
  readonly crash: Crash
  readonly words: LastWords
}

const CLASSES: ReadonlySet<LogClass> = new Set<LogClass>(['read-only-filesystem', 'permission-denied'])

function isAboutFiles(one: { crash: Crash; words: LastWords | undefined }): one is Found {
  return one.words?.classes.some((each) => CLASSES.has(each)) === true && one.crash.end?.reason !== 'OOMKilled'
}

/** Read only without a setting that makes it so: then it is the disk. */
function isDamaged(found: readonly Found[]): boolean {
  return found.every(({ crash, words }) => words.classes.includes('read-only-filesystem') && !hasReadOnly(crash))
}

function hasReadOnly({ container }: Crash): boolean {
  const mounts = container.spec.volumeMounts
  const isMounted =
    Array.isArray(mounts) &&
    mounts.some((mount) => isTrueAt(mount, 'readOnly') || CONFIG_PATH.test(String(mount?.mountPath ?? '')))
  return isTrueAt(container.spec, 'securityContext', 'readOnlyRootFilesystem') || isMounted
}

/** ConfigMaps and Secrets are always mounted read only, and mostly here. */
const CONFIG_PATH = /^\/(?:etc|config|secrets?|conf|run\/secrets|var\/run\/secrets)(?:\/|$)/

function describe(incident: Incident, found: readonly Found[]): Finding {
  const pods = [...new Set(found.map(({ crash }) => crash.pod))]
  const [{ crash }] = found as readonly [Found, ...Found[]]
  const setting = settingOf(crash)
  const since = earliest(found.map((one) => one.crash.since))
  const said = found.map(({ words }) => words)
  return group(incident, pods, said, since, setting ? 'strong' : 'weak', setting, [crash.citation])
}

function group(
  incident: Incident,
  pods: readonly Pod[],
  said: readonly { readonly text: string; readonly citation: Citation }[],
  from: number | undefined,
  strength: Finding['strength'],
  setting?: Setting,
  cites: readonly Citation[] = [],
): Finding {
  const [pod] = pods as readonly [Pod, ...Pod[]]
  return {
    kind: 'cause',
    subject: pod.workload,
    strength,
    from,
    says: `${count(pods.length, 'pod')} of ${pod.workload.name} may not use a file${setting ? ` (${setting.says})` : ''}: "${shorten(said[0]?.text ?? '')}".`,
    cites: atLeastOne([
      ...said.slice(0, 2).map(({ citation }) => citation),
      ...(setting ? [setting.citation] : []),
      ...cites,
    ]),
    affects: sufferersOf(incident, pods),
  }
}

interface Setting {
  readonly says: string
  readonly citation: Citation
}

/** What in the definition of a container keeps it from its files. */
function settingOf({ pod, container }: Crash): Setting | undefined {
  const path = [...container.specPath, 'securityContext']
  const own = recordAt(container.spec, 'securityContext')
  const ofPod = recordAt(pod.json, 'spec', 'securityContext')
  if (isTrueAt(own, 'readOnlyRootFilesystem'))
    return { says: 'readOnlyRootFilesystem is true', citation: cite(pod, [...path, 'readOnlyRootFilesystem']) }
  const user = numberAt(own, 'runAsUser')
  if (user !== undefined) return { says: `it runs as user ${user}`, citation: cite(pod, [...path, 'runAsUser']) }
  const podUser = numberAt(ofPod, 'runAsUser')
  if (podUser !== undefined)
    return {
      says: `it runs as user ${podUser}${numberAt(ofPod, 'fsGroup') === undefined ? ' without fsGroup' : ''}`,
      citation: cite(pod, ['spec', 'securityContext', 'runAsUser']),
    }
  if (isTrueAt(own, 'runAsNonRoot'))
    return { says: 'it may not run as root', citation: cite(pod, [...path, 'runAsNonRoot']) }
  if (isTrueAt(ofPod, 'runAsNonRoot'))
    return { says: 'it may not run as root', citation: cite(pod, ['spec', 'securityContext', 'runAsNonRoot']) }
  const drops = recordAt(own, 'capabilities').drop
  if (drops !== undefined)
    return { says: 'capabilities are dropped', citation: cite(pod, [...path, 'capabilities', 'drop']) }
  return undefined
}
