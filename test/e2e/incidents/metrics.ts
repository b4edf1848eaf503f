import { answerApi } from './answer-api.ts'

/** As the EndpointSlice of the Service `ops/orders-metrics` says. */
const PORT = 7443

const GROUP_VERSION = 'external.metrics.k8s.io/v1beta1'

/** Answers for the API of external metrics: one metric, always of this value. */
export function openMetrics(metricName: string, value: number): Promise<{ close(): void }> {
  const resources = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: GROUP_VERSION, resources: [] }
  return answerApi(PORT, (path) => {
    if (path.includes(`/${metricName}`)) return tell(metricName, value)
    return path === `/apis/${GROUP_VERSION}` ? resources : undefined
  })
}

function tell(metricName: string, value: number): unknown {
  const timestamp = `${new Date().toISOString().slice(0, 19)}Z`
  const items = [{ metricName, metricLabels: {}, timestamp, value: String(value) }]
  return { kind: 'ExternalMetricValueList', apiVersion: GROUP_VERSION, metadata: {}, items }
}
