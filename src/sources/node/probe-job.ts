import { readFileSync } from 'node:fs'

/** Labels by which a probe is known as one of ours, to people and to the next run. */
export const LABELS = {
  'app.kubernetes.io/managed-by': 'freezeframe',
  'app.kubernetes.io/component': 'node-probe',
} as const

/** Seconds after which the Job controller removes a Job whose pod has ended, if nobody has done so before. */
const TTL_S = 30

/** The folder of a probe in memory; the batch keeps each file, and so all of them, below it. */
const OUT_MIB = 48

/** What a probe is created with. */
export interface ProbeSettings {
  readonly name: string
  readonly namespace: string
  readonly node: string
  readonly image: string
  /** Whether the image may be pulled: one that was found on the node never is. */
  readonly pull: boolean
  /** Seconds after which it ends by itself, whoever is gone by then. */
  readonly lifetime: number
}

/**
 * The Job of one probe. It ends by itself in three ways: its process sleeps only so long, the kubelet and the Job controller each have the
 * same deadline, and what has ended is removed by its TTL. A pod alone would have no TTL.
 *
 * It has the network and the process ids of the node and its files, read-only, with four capabilities and nothing else of a privileged
 * container: NET_ADMIN for the table of connections and iptables, SYS_CHROOT for the node's own programs, SYSLOG for the kernel's messages,
 * DAC_READ_SEARCH for logs that only their owner may read. It has no token, no priority (one of the system's would have the kubelet kill
 * others for its sake), and is placed by name, so that it needs no scheduler and no address.
 */
export function probeJob({ name, namespace, node, image, pull, lifetime }: ProbeSettings): object {
  const labels = { ...LABELS, 'app.kubernetes.io/instance': name }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: lifetime,
      ttlSecondsAfterFinished: TTL_S,
      template: {
        metadata: { labels },
        spec: {
          nodeName: node,
          restartPolicy: 'Never',
          activeDeadlineSeconds: lifetime,
          terminationGracePeriodSeconds: 1,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          hostNetwork: true,
          hostPID: true,
          dnsPolicy: 'Default',
          tolerations: [{ operator: 'Exists' }],
          containers: [probeContainer(image, pull, lifetime)],
          volumes: [
            { name: 'host', hostPath: { path: '/', type: 'Directory' } },
            { name: 'out', emptyDir: { medium: 'Memory', sizeLimit: `${OUT_MIB}Mi` } },
          ],
        },
      },
    },
  }
}

/** The script is a variable, so that whoever looks at the Job sees all that it runs, and no request has it in its address. */
function probeContainer(image: string, pull: boolean, lifetime: number): object {
  return {
    name: 'probe',
    image,
    imagePullPolicy: pull ? 'IfNotPresent' : 'Never',
    command: ['sleep', String(lifetime)],
    env: [
      { name: 'FREEZEFRAME_BATCH', value: batchScript() },
      // The node's own programs are elsewhere than those of a small image.
      { name: 'PATH', value: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    ],
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
    securityContext: {
      runAsUser: 0,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'SYS_CHROOT', 'SYSLOG', 'DAC_READ_SEARCH'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      // Before Kubernetes 1.30, or where the runtime cannot, what is mounted below stays as it is; the script writes nothing either way.
      { name: 'host', mountPath: '/host', readOnly: true, recursiveReadOnly: 'IfPossible' },
      { name: 'out', mountPath: '/out' },
    ],
  }
}

/** Runs the batch of a sample for these collectors. */
export function batchCommand(sample: 0 | 1, collectors: readonly string[]): readonly [string, ...string[]] {
  return ['sh', '-c', 'eval "$FREEZEFRAME_BATCH"', 'batch', String(sample), ...collectors]
}

/** Without its comments; `$$` would be taken for an escaped `$` (kubernetes, third_party/forked/golang/expansion). */
function batchScript(): string {
  const script = readFileSync(new URL('./batch.sh', import.meta.url), 'utf8')
  return script.replace(/^\s*#.*\n/gm, '')
}

/** A Job of an earlier run, as a list shows it. */
export interface OldJob {
  readonly metadata: { readonly name: string; readonly uid: string; readonly creationTimestamp: string }
  readonly spec: { readonly activeDeadlineSeconds?: number }
}

/** Whether a Job of ours should have been gone long since; `now` is the server's clock. Nobody needs it: another run's are younger. */
export function isLeftBehind({ metadata, spec }: OldJob, now: number): boolean {
  const seconds = (spec.activeDeadlineSeconds ?? 0) + TTL_S + SLACK_S
  return Date.parse(metadata.creationTimestamp) + seconds * 1000 < now
}

/** Time for controllers that are slow. */
const SLACK_S = 30
