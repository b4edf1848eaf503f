/** Where NodeDiagnostics are: cluster-scoped, `nodediagnostics.eks.amazonaws.com` (aws/eks-node-monitoring-agent, api/v1alpha1). */
export const DIAGNOSTICS = '/apis/eks.amazonaws.com/v1alpha1/nodediagnostics'

/** Labels by which one is known as ours, to people and to the next run. */
export const LABELS = {
  'app.kubernetes.io/managed-by': 'freezeframe',
  'app.kubernetes.io/component': 'node-diagnostic',
} as const

/** The label that tells runs apart. */
export const RUN_LABEL = 'app.kubernetes.io/instance'

/** The part of a NodeDiagnostic that matters here. */
export interface DiagnosticObject {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly creationTimestamp: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly status?: {
    readonly captureStatuses?: readonly {
      readonly type?: string
      readonly state?: { readonly running?: object | null; readonly completed?: Completed | null }
    }[]
  }
}

/** How a capture ended: Success, SuccessWithErrors, Failure. */
export interface Completed {
  readonly reason: string
  readonly message: string
}

/** What has the agent of a node leave its logs there. The name must be the node's; no place elsewhere is named, so that nothing leaves the node but by its kubelet. */
export function diagnosticObject(node: string, run: string): object {
  return {
    apiVersion: 'eks.amazonaws.com/v1alpha1',
    kind: 'NodeDiagnostic',
    metadata: { name: node, labels: { ...LABELS, [RUN_LABEL]: run } },
    spec: { logCapture: { destination: 'node', categories: ['All'] } },
  }
}

/** How far the capture of logs is; `none` where no agent has taken it up. */
export function stateOf({ status }: DiagnosticObject): 'none' | 'running' | Completed {
  const state = status?.captureStatuses?.find(({ type }) => type === 'Log')?.state
  return state?.completed ?? (state?.running ? 'running' : 'none')
}

/** Where the agent leaves its archive, below `/var/log`; it is deleted there after ten minutes (pkg/controllers/nodediagnostic.go). */
export function archivePath(node: string): string {
  return `support/${encodeURIComponent(node)}-logs.tar.gz`
}

/** Whether one of ours should have been gone long since; `now` is the server's clock. One that is younger may be another run's. */
export function isLeftBehind({ metadata }: DiagnosticObject, now: number): boolean {
  return Date.parse(metadata.creationTimestamp) + LONGEST_MS < now
}

/** No run waits for an agent, and reads what it left, for so long. */
const LONGEST_MS = 15 * 60 * 1000
