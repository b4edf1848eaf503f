import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bundleName, type Manifest } from '../../bundle/format.ts'
import type { Replay, ReplayOptions } from '../../serve/replay.ts'
import { parseTimeOrAgo } from '../parse/time.ts'
import { makePrivateFolder, type Temporary, writeKubeconfig } from './kubeconfig.ts'

/** What is served, and where. */
export interface ServeRequest {
  /** A bundle as `openBundle` takes it. */
  readonly source: string
  readonly address: string
  /** 0 for one that is free. */
  readonly port: number
  /** Where the kubeconfig is written; in the private folder otherwise. */
  readonly kubeconfigOut?: string | undefined
  readonly tmpDir?: string | undefined
  /** Where the index of the lists is kept for the next time. */
  readonly cacheFile?: string | undefined
  /** A time, or a duration before the end of the capture. */
  readonly at?: string | undefined
  /** How much faster than they happened changes are replayed; undefined for not at all. */
  readonly replaySpeed?: number | undefined
}

/** A replay that clients can reach. */
export interface Served {
  readonly replay: Replay
  readonly url: string
  /** As asked for. */
  readonly address: string
  /** Absolute path of a kubeconfig that leads here and nowhere else. */
  readonly kubeconfig: string
  /** A private folder that is removed with the replay. */
  readonly folder: string
  close(): Promise<void>
}

/** Opens a bundle, answers for it with a certificate and a token of its own, and writes the kubeconfig for both. */
export async function serveBundle(request: ServeRequest): Promise<Served> {
  const { source, address, port, tmpDir } = request
  const { openBundle } = await import('../../bundle/reader.ts')
  const { openReplay } = await import('../../serve/replay.ts')
  const { startServer } = await import('../../serve/server.ts')
  const { createCertificate } = await import('../../serve/certificate.ts')
  const temporary: Temporary[] = []
  const closing: (() => Promise<void>)[] = []
  async function close(): Promise<void> {
    for (const one of temporary.splice(0)) one.remove()
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    const folder = await makePrivateFolder(tmpDir ?? tmpdir())
    temporary.push(folder)
    const bundle = await openBundle(source, tmpDir === undefined ? {} : { tmpDir })
    closing.push(() => bundle.close())
    const replay = await openReplay(bundle, {
      ...chooseState(request, bundle.manifest),
      ...(request.cacheFile === undefined ? {} : { cacheFile: request.cacheFile }),
    })
    const token = randomBytes(32).toString('base64url')
    const certificate = await createCertificate([...new Set([address, ...LOOPBACK])])
    const server = await startServer(replay, { address, port, token, certificate })
    closing.push(() => server.close())
    const kubeconfig = await writeKubeconfig(resolve(request.kubeconfigOut ?? join(folder.path, 'kubeconfig')), {
      name: bundleName(replay.manifest.cluster.name, replay.now),
      server: server.url,
      authority: certificate.cert,
      token,
    })
    temporary.push(kubeconfig)
    return { replay, url: server.url, address, kubeconfig: kubeconfig.path, folder: folder.path, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Durations count back from the end of the capture, by the server's clock: a bundle is read long after. */
function chooseState({ at, replaySpeed }: ServeRequest, { window }: Manifest): ReplayOptions {
  const end = new Date(Date.parse(window.end) + (window.clockOffsetMs ?? 0))
  return {
    ...(at === undefined ? {} : { at: parseTimeOrAgo('--at', at, end) }),
    ...(replaySpeed === undefined ? {} : { replaySpeed }),
  }
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

/** Whether only this machine can reach an address. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
}
