import type { Incident } from './incident.ts'
import { textAt } from './kubernetes.ts'

/** Whether the cluster runs on AWS, by its nodes (cloud-provider-aws: `aws:///zone/instance`). */
export function isOnAws({ nodes }: Incident): boolean {
  return nodes.some(({ json }) => textAt(json, 'spec', 'providerID').startsWith('aws:'))
}

/** Whether a line of a log names something of AWS: a host, a tool or a resource. */
export function namesAws(text: string): boolean {
  return text.includes('aws')
}
