/**
 * Labels that name the group of a node, in the order of trust: a managed one before what a tool or a habit wrote beside it. EKS, HyperPod,
 * Karpenter and its predecessor, eksctl, GKE, AKS and its older form, DigitalOcean, Gardener, kops, and a name that several tools use.
 */
const GROUP_LABELS = [
  'eks.amazonaws.com/nodegroup',
  'sagemaker.amazonaws.com/instance-group-name',
  'karpenter.sh/nodepool',
  'karpenter.sh/provisioner-name',
  'alpha.eksctl.io/nodegroup-name',
  'cloud.google.com/gke-nodepool',
  'kubernetes.azure.com/agentpool',
  'agentpool',
  'doks.digitalocean.com/node-pool',
  'worker.gardener.cloud/pool',
  'kops.k8s.io/instancegroup',
  'node.kubernetes.io/instancegroup',
]

/** The node group, node pool or provisioner of a node with these labels; empty where no label names one. */
export function nodeGroupOf(labels: Readonly<Record<string, string | undefined>>): string {
  return GROUP_LABELS.map((label) => labels[label]).find((value) => value !== undefined && value !== '') ?? ''
}
