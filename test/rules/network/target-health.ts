import { ago, type Thing } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'

/** A pod with a readiness gate whose containers have been ready for so many seconds, and what the load balancer says of it, if anything. */
export function gated(seconds: number, reason?: string, message = '', containers = 'True'): Thing {
  const said = {
    type: 'target-health.elbv2.k8s.aws/k8s-shop-web-1a2b3c',
    status: 'False',
    reason,
    message,
    lastTransitionTime: ago(seconds),
  }
  return pod('shop/web-1', {
    labels: { app: 'web' },
    ready: false,
    spec: { readinessGates: [{ conditionType: said.type }] },
    status: {
      conditions: [
        { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', lastTransitionTime: ago(seconds) },
        { type: 'ContainersReady', status: containers, lastTransitionTime: ago(seconds) },
        ...(reason === undefined ? [] : [said]),
      ],
    },
  })
}
