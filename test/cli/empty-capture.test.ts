import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder, sendStatus, serve } from '../sources/kube/server.ts'
import { runCli } from './run.ts'

/** Captures from a server that gives everything the same answer. */
async function captureFrom(answer: (response: ServerResponse) => unknown) {
  const { url } = await serve((_, response) => answer(response))
  const folder = await makeFolder()
  const kubeconfig = join(folder, 'config')
  const config = {
    clusters: [{ name: 'one', cluster: { server: url } }],
    contexts: [{ name: 'one', context: { cluster: 'one' } }],
    'current-context': 'one',
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  const { code, stderr } = await runCli(['capture', '--progress', 'none', '--kubeconfig', kubeconfig], { cwd: folder })
  return { code, said: stderr.split('\n')[0], host: new URL(url).host }
}

describe('a capture that got nothing says from where and why, and exits 2', () => {
  it.each([
    [
      'everything is forbidden',
      (response: ServerResponse) => sendStatus(response, 403, 'Forbidden', 'forbidden: User "ops" cannot get path'),
      'forbidden: User "ops" cannot get path.',
    ],
    [
      'a login page answers',
      (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
      'answered 200 with a web page.',
    ],
    [
      'everything is redirected',
      (response: ServerResponse) => response.writeHead(302, { location: '/login' }).end(),
      'answered 302.',
    ],
    [
      'nothing is found',
      (response: ServerResponse) => response.writeHead(404).end('404 page not found\n'),
      '404 page not found.',
    ],
    [
      'it does not speak HTTP',
      (response: ServerResponse) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'),
      'does not match the HTTP/1.1 protocol',
    ],
  ])('%s', async (_, answer, why) => {
    const { code, said, host } = await captureFrom(answer)
    expect(said).toContain(`Nothing could be captured from ${host}: `)
    expect(said).toContain(why)
    expect(code).toBe(2)
  })
})
