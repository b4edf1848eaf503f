import { ago, type Thing } from '../../incident/scene.ts'
import { thing } from '../../incident/things.ts'

/** An autoscaler of `shop/web` with such a condition, that has held for ten minutes. */
export function scaler(
  condition: { type: string; status: string; reason: string; message?: string },
  patch: Record<string, unknown> = {},
): Thing {
  return thing('autoscaling/v2', 'HorizontalPodAutoscaler', 'shop/web', {
    spec: {
      minReplicas: 2,
      maxReplicas: 10,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
    status: {
      currentReplicas: 10,
      desiredReplicas: 10,
      conditions: [{ message: '', lastTransitionTime: ago(600), ...condition }],
    },
    ...patch,
  })
}
