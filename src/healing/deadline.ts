/** The part of a Node, as the API server gives it, that decides when somebody replaces or reboots it. */
export interface HealedNode {
  readonly labels: Readonly<Record<string, string>>
  readonly conditions: readonly {
    readonly type?: string
    readonly status?: string
    readonly lastTransitionTime?: string
  }[]
  readonly taints: readonly { readonly key?: string; readonly value?: string }[]
  /** `metadata.deletionTimestamp`. */
  readonly deleted?: string | undefined
  /** Of the NodeClaim that stands for the node, where it is known. */
  readonly claim?: HealedClaim | undefined
}

/** The part of a NodeClaim (karpenter.sh/v1) that decides when its node ends. */
export interface HealedClaim {
  readonly annotations: Readonly<Record<string, string>>
  readonly created?: string | undefined
  /** `spec.expireAfter`: `720h`, or `Never`. */
  readonly expireAfter?: string | undefined
}

/** When a node is replaced or rebooted, with its evidence. */
export interface HealDeadline {
  /** Milliseconds since 1970. */
  readonly at: number
  /** `Karpenter's node repair`. */
  readonly by: string
  /** False where it depends on a setting that no object of the cluster shows. */
  readonly isCertain: boolean
  /** `its condition Ready is not True`. */
  readonly because: string
}

/** The first deadline of a node, or undefined where nobody is known to be about to touch it. */
export function healDeadlineOf(node: HealedNode): HealDeadline | undefined {
  const all = [...ofDeletion(node), ...ofScaleDown(node), ...ofClaim(node), ...ofRepair(node)]
  return all.filter(({ at }) => !Number.isNaN(at)).sort((a, b) => a.at - b.at)[0]
}

/** A Node that is deleted is drained and then ended, as fast as its pods allow. */
function ofDeletion({ deleted }: HealedNode): HealDeadline[] {
  if (deleted === undefined) return []
  return [
    { at: Date.parse(deleted), by: 'whoever deleted it', isCertain: true, because: 'its object is being deleted' },
  ]
}

/** The autoscaler writes the time of its decision, and gives pods this long at most (cluster-autoscaler, --max-graceful-termination-sec 600). */
const SCALE_DOWN_TAINT = 'ToBeDeletedByClusterAutoscaler'
const SCALE_DOWN_MS = 600_000

function ofScaleDown({ taints }: HealedNode): HealDeadline[] {
  const taint = taints.find(({ key }) => key === SCALE_DOWN_TAINT)
  const decided = Number(taint?.value ?? Number.NaN) * 1000
  const because = `it has the taint ${SCALE_DOWN_TAINT}`
  return taint ? [{ at: decided + SCALE_DOWN_MS, by: 'the cluster autoscaler', isCertain: true, because }] : []
}

/** When the grace of a NodeClaim that is being terminated ends (karpenter.sh, pkg/apis/v1/labels.go). */
const TERMINATION = 'karpenter.sh/nodeclaim-termination-timestamp'

function ofClaim({ claim }: HealedNode): HealDeadline[] {
  const ends = claim?.annotations[TERMINATION]
  const hours = Number(/^(\d+)h/.exec(claim?.expireAfter ?? '')?.[1] ?? Number.NaN)
  const expires = Date.parse(claim?.created ?? '') + hours * 3_600_000
  return [
    ...(ends === undefined
      ? []
      : [{ at: Date.parse(ends), by: 'Karpenter', isCertain: true, because: 'its NodeClaim is being terminated' }]),
    ...(Number.isNaN(expires)
      ? []
      : [
          {
            at: expires,
            by: 'Karpenter',
            isCertain: true,
            because: `its NodeClaim expires after ${claim?.expireAfter}`,
          },
        ]),
  ]
}

/** Minutes that a condition is borne by the repair of EKS and of Karpenter (EKS user guide, node repair; karpenter-provider-aws, RepairPolicies). */
const BORNE_BY_EKS: Readonly<Record<string, number>> = {
  Ready: 30,
  KernelReady: 30,
  NetworkingReady: 30,
  StorageReady: 30,
  ContainerRuntimeReady: 30,
  AcceleratedHardwareReady: 10,
}

/** Google and Azure look at Ready alone, for about ten minutes (GKE, "Auto-repair nodes"; AKS, "Node auto-repair"). */
const BORNE_BY_OTHERS: Readonly<Record<string, number>> = { Ready: 10 }

/** Who repairs the nodes that have a label, the most telling one first. */
const REPAIRERS: readonly Repairer[] = [
  { label: 'eks.amazonaws.com/compute-type', value: 'auto', by: 'EKS Auto Mode', isCertain: true, borne: BORNE_BY_EKS },
  {
    label: 'karpenter.sh/nodepool',
    by: "Karpenter's node repair, if its feature gate NodeRepair is on",
    isCertain: false,
    borne: BORNE_BY_EKS,
  },
  {
    label: 'eks.amazonaws.com/nodegroup',
    by: 'node auto repair of its node group, if that is enabled',
    isCertain: false,
    borne: BORNE_BY_EKS,
  },
  {
    label: 'cloud.google.com/gke-nodepool',
    by: 'auto-repair of its node pool, if that is enabled',
    isCertain: false,
    borne: BORNE_BY_OTHERS,
  },
  { label: 'kubernetes.azure.com/agentpool', by: 'node auto-repair of AKS', isCertain: true, borne: BORNE_BY_OTHERS },
]

interface Repairer {
  readonly label: string
  readonly value?: string
  readonly by: string
  readonly isCertain: boolean
  readonly borne: Readonly<Record<string, number>>
}

function ofRepair({ labels, conditions }: HealedNode): HealDeadline[] {
  const repairer = REPAIRERS.find(
    ({ label, value }) => labels[label] !== undefined && (value ?? labels[label]) === labels[label],
  )
  if (!repairer) return []
  const { by, isCertain, borne } = repairer
  return conditions.flatMap(({ type = '', status, lastTransitionTime = '' }) => {
    const minutes = Object.hasOwn(borne, type) ? borne[type] : undefined
    if (minutes === undefined || status === 'True') return []
    return [
      {
        at: Date.parse(lastTransitionTime) + minutes * 60_000,
        by,
        isCertain,
        because: `its condition ${type} is ${status}`,
      },
    ]
  })
}

/** `in about 12 min`, `within a minute`, `now` of a deadline, as of a moment. */
export function tellDeadline({ at }: HealDeadline, now: number): string {
  const minutes = Math.round((at - now) / 60_000)
  if (minutes < 0) return 'at any moment'
  if (minutes < 1) return 'within a minute'
  return minutes < 120 ? `in about ${minutes} min` : `in about ${Math.round(minutes / 60)} h`
}
