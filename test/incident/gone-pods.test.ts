import { describe, expect, it } from 'vitest'
import { incidentOf } from './scene.ts'
import { event, pod, workload } from './things.ts'

describe('a pod that is gone', () => {
  it('belongs to whom its name tells', async () => {
    const incident = await incidentOf({
      objects: [
        workload('StatefulSet', 'shop/db'),
        workload('DaemonSet', 'shop/agent'),
        pod('shop/lonely-6c8f7d9b5-abcde'),
        event('shop', 'Pod/web-6c8f7d9b5-x7k2p', 'Killing', 'Stopping container app'),
      ],
    })
    const topOf = (name: string) => incident.topOf({ kind: 'Pod', namespace: 'shop', name })
    expect(topOf('web-6c8f7d9b5-x7k2p')).toEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
    expect(topOf('db-0')).toEqual({ kind: 'StatefulSet', namespace: 'shop', name: 'db' })
    expect(topOf('agent-x7k2p')).toEqual({ kind: 'DaemonSet', namespace: 'shop', name: 'agent' })
  })

  it('is not guessed where nobody owns it, or its name tells nothing', async () => {
    const incident = await incidentOf({ objects: [pod('shop/lonely-6c8f7d9b5-abcde')] })
    for (const name of ['lonely-6c8f7d9b5-abcde', 'debug', 'cache-0'])
      expect(incident.topOf({ kind: 'Pod', namespace: 'shop', name }).kind).toBe('Pod')
  })
})
