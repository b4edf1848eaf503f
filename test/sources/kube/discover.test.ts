import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { discover } from '../../../src/sources/kube/discover.ts'
import { ledgerStatus } from '../../../src/sources/kube/status.ts'
import { connectTo, sendJson, sendStatus, serve } from './server.ts'

const GROUPS = ['good.io', 'odd.io'].map((name) => ({
  name,
  versions: [{ groupVersion: `${name}/v1`, version: 'v1' }],
  preferredVersion: { groupVersion: `${name}/v1`, version: 'v1' },
}))

function resources(name: string): object {
  return { kind: 'APIResourceList', resources: [{ name, kind: name, namespaced: true, verbs: ['get', 'list'] }] }
}

const ANSWERS: Record<string, object> = {
  '/version': { gitVersion: 'v1.34.4' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/api/v1': resources('pods'),
  '/apis': { kind: 'APIGroupList', groups: GROUPS },
  '/apis/good.io/v1': resources('goods'),
  '/apis/odd.io/v1': resources('odds'),
}

/** Discovers a server of which one path is answered in another way, or not at all. */
async function discoverWith(path: string, answer: (response: ServerResponse) => unknown) {
  const { url } = await serve((request, response) =>
    request.url === path ? answer(response) : sendJson(response, 200, ANSWERS[request.url ?? '']),
  )
  return discover(await connectTo({ server: url }), new AbortController().signal)
}

function sendText(text: string, type: string) {
  return (response: ServerResponse) => response.writeHead(200, { 'content-type': type }).end(text)
}

describe('discovery', () => {
  it.each([
    ['a web page', sendText('<html>oops</html>', 'text/html')],
    ['no JSON', sendText('oops', 'application/json')],
    ['no list', sendText('{"kind":"Status","code":500}', 'application/json')],
    ['nothing, ever', () => {}],
  ])('of a group whose server answers with %s costs that group', async (_, answer) => {
    const { resources, stale } = await discoverWith('/apis/odd.io/v1', answer)
    expect(resources.map(({ resource }) => resource)).toEqual(['pods', 'goods'])
    expect(stale).toMatchObject([{ groupVersion: 'odd.io/v1', reason: expect.stringContaining('/apis/odd.io/v1') }])
  })

  it('without a version that can be read goes on', async () => {
    const { resources, version, answers } = await discoverWith('/version', sendText('oops', 'application/json'))
    expect(resources).toHaveLength(3)
    expect(version).toBeUndefined()
    expect(answers.map(({ path }) => path)).not.toContain('/version')
  })

  it.each(['/api', '/apis'])('fails where %s is not found, instead of taking it for not served', async (path) => {
    const found = discoverWith(path, (response) => sendStatus(response, 404, 'NotFound', '404 page not found'))
    await expect(found.catch(ledgerStatus)).resolves.toBe('failed')
  })

  it.each(['/api', '/apis'])('fails in a sentence where %s is no answer', async (path) => {
    await expect(discoverWith(path, sendText('oops', 'application/json'))).rejects.toMatchObject({
      name: 'KubeError',
      message: expect.stringContaining(path),
    })
  })
})
