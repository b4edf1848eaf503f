import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { createCertificate } from '../cluster/certificates.ts'
import { WORK_DIR } from '../cluster/cluster.ts'
import { NETWORK } from '../cluster/node.ts'

/** As the EndpointSlice of the Service `ops/orders-metrics` says. */
const PORT = 7443

const GROUP_VERSION = 'external.metrics.k8s.io/v1beta1'

/** Answers for the API of external metrics: one metric, always of this value. */
export async function openMetrics(metricName: string, value: number): Promise<{ close(): void }> {
  const pki = join(WORK_DIR, 'pki')
  await createCertificate(pki, 'metrics', '/CN=metrics', `IP:${NETWORK.host}`)
  const [cert, key] = await Promise.all(['metrics.crt', 'metrics.key'].map((name) => readFile(join(pki, name))))
  const server = createServer({ ...(cert ? { cert } : {}), ...(key ? { key } : {}) }, (request, response) => {
    const isMetric = request.url?.includes(`/${metricName}`) ?? false
    const resources = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: GROUP_VERSION, resources: [] }
    const isKnown = isMetric || new URL(request.url ?? '', 'https://metrics').pathname === `/apis/${GROUP_VERSION}`
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isMetric ? tell(metricName, value) : resources))
  })
  server.listen(PORT, NETWORK.host)
  await once(server, 'listening')
  return {
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function tell(metricName: string, value: number): unknown {
  const timestamp = `${new Date().toISOString().slice(0, 19)}Z`
  const items = [{ metricName, metricLabels: {}, timestamp, value: String(value) }]
  return { kind: 'ExternalMetricValueList', apiVersion: GROUP_VERSION, metadata: {}, items }
}
