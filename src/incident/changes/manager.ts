/** Who stands behind a field manager: somebody at a keyboard, a delivery that somebody configured, or a loop that writes by itself. */
export type ManagerKind = 'person' | 'delivery' | 'controller' | 'unknown'

/** kubectl, dashboards (which give the name of the browser or of their HTTP library), scripts with a client library. */
const PERSON =
  /^(?:kubectl(?:-.*|\.exe)?|oc|k9s|lens.*|freelens.*|node-fetch|Mozilla|dashboard|headlamp.*|OpenAPI-Generator|python-requests|curl|okhttp|kubernetes-client|fabric8.*)$/i

/** What applies a repository, a chart or a plan. `eks` and `deploy@<host>` are the add-on managers of EKS and k3s. */
const DELIVERY =
  /^(?:helm|Helm|helmfile|helm-controller|kustomize(?:-controller)?|argocd.*|argo-cd.*|flux.*|gotk.*|fleet.*|terraform.*|hashicorp.*|pulumi.*|ansible.*|spinnaker.*|skaffold|tilt|kapp(?:-controller)?|werf|jenkins.*|agentk|gitlab.*|github.*|deploy@.*|eks|kubeadm|kops|crossplane-.*apply.*)$/i

/** Names that end in what such programs are called, and known ones that do not. `manager` is what kubebuilder calls every binary. */
const CONTROLLER =
  /(?:^|[-_.])(?:controller|controllers|operator|manager|agent|provisioner|attacher|resizer|snapshotter|injector|cainjector|webhook|certgen|updater|recommender|scheduler|autoscaler|daemon|driver|exporter|election|server|apiserver|syncer|reconciler|discovery)(?:[-_.].*)?$|^(?:kube-.*|kubelet|k3s|rke2|Go-http-client|karpenter|coredns|etcd|istiod|kyverno.*|keda.*|speaker|cilium.*|calico.*|antrea.*|aws-node|aws-.*|velero|vault.*|nginx.*|traefik|external-.*|linkerd.*|main|before-first-apply|rancher|longhorn.*|rook.*|vpa-.*|snapshot-.*|csi-.*)$/i

/** Tells what kind of writer a field manager is. */
export function kindOfManager(manager: string): ManagerKind {
  if (PERSON.test(manager)) return 'person'
  if (DELIVERY.test(manager)) return 'delivery'
  if (CONTROLLER.test(manager)) return 'controller'
  return 'unknown'
}

/** Whether somebody wanted this: a person, a delivery, or a writer that nobody knows. */
export function isDeliberate(manager: string): boolean {
  return kindOfManager(manager) !== 'controller'
}
