import { examples as admission } from './admission.ts'
import { examples as apiserver } from './apiserver.ts'
import { examples as application } from './application.ts'
import { examples as argoCd } from './argo-cd.ts'
import { examples as auth } from './auth.ts'
import { examples as aws } from './aws.ts'
import { examples as certManager } from './cert-manager.ts'
import { examples as clusterAutoscaler } from './cluster-autoscaler.ts'
import { examples as cni } from './cni.ts'
import { examples as containerRuntime } from './container-runtime.ts'
import { examples as controllers } from './controllers.ts'
import { examples as coredns } from './coredns.ts'
import { examples as datastore } from './datastore.ts'
import { examples as eviction } from './eviction.ts'
import type { Example } from './example.ts'
import { examples as externalSecrets } from './external-secrets.ts'
import { examples as imagePull } from './image-pull.ts'
import { examples as ingressControllers } from './ingress-controllers.ts'
import { examples as karpenter } from './karpenter.ts'
import { examples as kernel } from './kernel.ts'
import { examples as kubeProxy } from './kube-proxy.ts'
import { examples as kubelet } from './kubelet.ts'
import { examples as loadBalancerController } from './load-balancer-controller.ts'
import { examples as nodeLifecycle } from './node-lifecycle.ts'
import { examples as nodeMonitoringAgent } from './node-monitoring-agent.ts'
import { examples as nodeProblemDetector } from './node-problem-detector.ts'
import { examples as nodeTerminationHandler } from './node-termination-handler.ts'
import { examples as probes } from './probes.ts'
import { examples as scheduler } from './scheduler.ts'
import { examples as volume } from './volume.ts'
import { examples as vpcCni } from './vpc-cni.ts'

/** At least one text for every wording of every message. */
export const examples: readonly Example[] = [
  ...admission,
  ...apiserver,
  ...application,
  ...argoCd,
  ...auth,
  ...aws,
  ...certManager,
  ...clusterAutoscaler,
  ...cni,
  ...containerRuntime,
  ...controllers,
  ...coredns,
  ...datastore,
  ...eviction,
  ...externalSecrets,
  ...imagePull,
  ...karpenter,
  ...kernel,
  ...kubeProxy,
  ...kubelet,
  ...loadBalancerController,
  ...ingressControllers,
  ...nodeLifecycle,
  ...nodeMonitoringAgent,
  ...nodeProblemDetector,
  ...nodeTerminationHandler,
  ...probes,
  ...scheduler,
  ...volume,
  ...vpcCni,
]
