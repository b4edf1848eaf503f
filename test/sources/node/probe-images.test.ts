import { describe, expect, it } from 'vitest'
import { findProbeImage } from '../../../src/sources/node/probe-images.ts'
import { servePods } from '../kube/pod-server.ts'

const signal = new AbortController().signal

/** An API server that lets nodes be listed, as the base tier does, and nobody get one. */
async function serveNode(names: readonly string[]) {
  return servePods({
    take: () => {},
    answer(request, response) {
      const url = new URL(request.url ?? '', 'http://server')
      const isList = url.pathname === '/api/v1/nodes' && url.searchParams.get('fieldSelector') === 'metadata.name=n1'
      const items = [{ metadata: { name: 'n1' }, status: { images: [{ names }] } }]
      response.writeHead(isList ? 200 : 403, { 'content-type': 'application/json' })
      response.end(JSON.stringify(isList ? { items } : { kind: 'Status', reason: 'Forbidden', message: 'no' }))
    },
  })
}

describe('the image of a probe', () => {
  it('is one that the node has, found by whoever may list nodes', async () => {
    const names = ['docker.io/nicolaka/netshoot:v0.13', 'docker.io/library/busybox:1.36', 'registry.k8s.io/pause:3.9']
    const { kube } = await serveNode(names)
    expect(await findProbeImage(kube, 'n1', signal)).toBe('docker.io/library/busybox:1.36')
  })

  it('must be named where the node has none that is known', async () => {
    const { kube } = await serveNode(['example.com/library/busybox:1.36'])
    await expect(findProbeImage(kube, 'n1', signal)).rejects.toThrow('name one with --probe-image')
  })
})
