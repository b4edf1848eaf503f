import type { ServedResource } from '../bundle/format.ts'

/**
 * Listable resources that a cluster probably serves, for `permissions --offline`: the built-in ones of Kubernetes 1.30 to 1.35
 * (`kubectl api-resources --verbs=list`; componentstatuses and Secrets left out), the metrics API, and the custom ones that an EKS
 * cluster usually has: Karpenter, EKS Auto Mode and node monitoring, the VPC CNI and its controllers, the AWS load balancer controller.
 * A role may name what is not served: that grants nothing.
 */
export const WELL_KNOWN: readonly Pick<ServedResource, 'group' | 'resource' | 'namespaced'>[] = [
  ...inNamespaces('', [
    'configmaps',
    'endpoints',
    'events',
    'limitranges',
    'persistentvolumeclaims',
    'pods',
    'podtemplates',
    'replicationcontrollers',
    'resourcequotas',
    'serviceaccounts',
    'services',
  ]),
  ...inCluster('', ['namespaces', 'nodes', 'persistentvolumes']),
  ...inCluster('admissionregistration.k8s.io', [
    'mutatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
    'mutatingwebhookconfigurations',
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
    'validatingwebhookconfigurations',
  ]),
  ...inCluster('apiextensions.k8s.io', ['customresourcedefinitions']),
  ...inCluster('apiregistration.k8s.io', ['apiservices']),
  ...inNamespaces('apps', ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets']),
  ...inNamespaces('autoscaling', ['horizontalpodautoscalers']),
  ...inNamespaces('batch', ['cronjobs', 'jobs']),
  ...inCluster('certificates.k8s.io', ['certificatesigningrequests', 'clustertrustbundles']),
  ...inNamespaces('certificates.k8s.io', ['podcertificaterequests']),
  ...inNamespaces('coordination.k8s.io', ['leasecandidates', 'leases']),
  ...inCluster('crd.k8s.amazonaws.com', ['eniconfigs']),
  ...inNamespaces('discovery.k8s.io', ['endpointslices']),
  ...inCluster('eks.amazonaws.com', ['cninodes', 'ingressclassparams', 'nodeclasses', 'nodediagnostics']),
  ...inNamespaces('eks.amazonaws.com', ['targetgroupbindings']),
  ...inCluster('elbv2.k8s.aws', ['ingressclassparams']),
  ...inNamespaces('elbv2.k8s.aws', ['targetgroupbindings']),
  ...inCluster('flowcontrol.apiserver.k8s.io', ['flowschemas', 'prioritylevelconfigurations']),
  ...inCluster('karpenter.k8s.aws', ['ec2nodeclasses']),
  ...inCluster('karpenter.sh', ['nodeclaims', 'nodeoverlays', 'nodepools']),
  ...inCluster('metrics.k8s.io', ['nodes']),
  ...inNamespaces('metrics.k8s.io', ['pods']),
  ...inNamespaces('networking.k8s.aws', ['policyendpoints']),
  ...inCluster('networking.k8s.aws', ['clusterpolicyendpoints']),
  ...inCluster('networking.k8s.io', ['ingressclasses', 'ipaddresses', 'servicecidrs']),
  ...inNamespaces('networking.k8s.io', ['ingresses', 'networkpolicies']),
  ...inCluster('node.k8s.io', ['runtimeclasses']),
  ...inNamespaces('policy', ['poddisruptionbudgets']),
  ...inCluster('rbac.authorization.k8s.io', ['clusterrolebindings', 'clusterroles']),
  ...inNamespaces('rbac.authorization.k8s.io', ['rolebindings', 'roles']),
  ...inCluster('resource.k8s.io', ['deviceclasses', 'devicetaintrules', 'resourceslices']),
  ...inNamespaces('resource.k8s.io', ['resourceclaims', 'resourceclaimtemplates']),
  ...inCluster('scheduling.k8s.io', ['priorityclasses']),
  ...inNamespaces('scheduling.k8s.io', ['workloads']),
  ...inCluster('storage.k8s.io', [
    'csidrivers',
    'csinodes',
    'storageclasses',
    'volumeattachments',
    'volumeattributesclasses',
  ]),
  ...inNamespaces('storage.k8s.io', ['csistoragecapacities']),
  ...inCluster('storagemigration.k8s.io', ['storageversionmigrations']),
  ...inCluster('vpcresources.k8s.aws', ['cninodes']),
  ...inNamespaces('vpcresources.k8s.aws', ['securitygrouppolicies']),
]

function inNamespaces(group: string, resources: readonly string[]) {
  return resources.map((resource) => ({ group, resource, namespaced: true }))
}

function inCluster(group: string, resources: readonly string[]) {
  return resources.map((resource) => ({ group, resource, namespaced: false }))
}
