/** Provider and region of a cluster, as far as its address, its ARN or its version tell; null where they do not. */
export function describeProvider(cluster: { server: string; name: string; version: string | null }): {
  provider: string | null
  region: string | null
} {
  const arn = /^arn:aws[a-z-]*:eks:([a-z0-9-]+):/.exec(cluster.name)
  // <id>.<shard>.<region>.eks.amazonaws.com, docs.aws.amazon.com/eks "Cluster API server endpoint"; China ends in .com.cn.
  const endpoint = /\.([a-z0-9-]+)\.eks\.amazonaws\.com(\.cn)?(:|\/|$)/.exec(cluster.server)
  if (arn ?? endpoint) return { provider: 'eks', region: arn?.[1] ?? endpoint?.[1] ?? null }
  // Managed providers mark their builds in gitVersion: v1.33.1-eks-1de2ab1, v1.33.1-gke.100.
  const flavour = /-(eks|gke)[-.]/.exec(cluster.version ?? '')?.[1]
  if (flavour) return { provider: flavour, region: null }
  return { provider: /\.azmk8s\.io(:|\/|$)/.test(cluster.server) ? 'aks' : null, region: null }
}
