import { admission } from './admission.ts'
import { apiserver } from './apiserver.ts'
import { application } from './application.ts'
import { argoCd } from './argo-cd.ts'
import { auth } from './auth.ts'
import { aws } from './aws.ts'
import { certManager } from './cert-manager.ts'
import { clusterAutoscaler } from './cluster-autoscaler.ts'
import { cni } from './cni.ts'
import { containerRuntime } from './container-runtime.ts'
import { controllers } from './controllers.ts'
import { coredns } from './coredns.ts'
import { datastore } from './datastore.ts'
import { eviction } from './eviction.ts'
import { externalSecrets } from './external-secrets.ts'
import { imagePull } from './image-pull.ts'
import { ingressControllers } from './ingress-controllers.ts'
import { karpenter } from './karpenter.ts'
import { kernel } from './kernel.ts'
import { kubeProxy } from './kube-proxy.ts'
import { kubelet } from './kubelet.ts'
import { loadBalancerController } from './load-balancer-controller.ts'
import type { Message } from './message.ts'
import { nodeLifecycle } from './node-lifecycle.ts'
import { nodeMonitoringAgent } from './node-monitoring-agent.ts'
import { nodeProblemDetector } from './node-problem-detector.ts'
import { nodeTerminationHandler } from './node-termination-handler.ts'
import { probes } from './probes.ts'
import { type Found, makeRecogniser } from './recogniser.ts'
import { scheduler } from './scheduler.ts'
import { volume } from './volume.ts'
import { vpcCni } from './vpc-cni.ts'

/**
 * Every message that rules know: one file for each component that prints them, in the order in which they are found. Who says more about
 * the cause stands before who only repeats it: a webhook before the controller that it stopped, the system's own words last.
 */
export const messages = {
  ...admission,
  ...scheduler,
  ...clusterAutoscaler,
  ...karpenter,
  ...vpcCni,
  ...cni,
  ...imagePull,
  ...containerRuntime,
  ...probes,
  ...eviction,
  ...volume,
  ...kubelet,
  ...nodeLifecycle,
  ...controllers,
  ...loadBalancerController,
  ...ingressControllers,
  ...coredns,
  ...kubeProxy,
  ...kernel,
  ...aws,
  ...nodeMonitoringAgent,
  ...nodeProblemDetector,
  ...nodeTerminationHandler,
  ...argoCd,
  ...certManager,
  ...externalSecrets,
  ...apiserver,
  ...auth,
  ...datastore,
  ...application,
} satisfies Record<string, Message>

export type MessageId = keyof typeof messages

export type Recognised = Found<MessageId>

/** All messages that a text contains, most specific first; given the reason it came with, only those that appear with it. */
export const recognise = makeRecogniser<MessageId>(messages)

/** One message, if a text contains it. */
export function is(text: string, id: MessageId, reason?: string): Recognised | undefined {
  return recognise(text, reason).find((one) => one.id === id)
}
