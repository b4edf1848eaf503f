import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FreezeframeError } from '../../error.ts'
import { toYaml } from '../yaml.ts'

/** What a client needs to reach a replay. */
export interface Access {
  /** The context's name, and with it the cluster's and the user's. */
  readonly name: string
  readonly server: string
  /** PEM. */
  readonly authority: string
  readonly token: string
}

/** A file or a folder of ours that is gone when the process is. */
export interface Temporary {
  readonly path: string
  /** May be called twice. */
  remove(): void
}

/** A folder that nobody else can look into; removed on every way out but SIGKILL. Throws OUTPUT_UNWRITABLE. */
export async function makePrivateFolder(parent: string): Promise<Temporary> {
  const path = await mkdtemp(join(parent, 'freezeframe-')).catch((cause: NodeJS.ErrnoException) => {
    throw new FreezeframeError('OUTPUT_UNWRITABLE', `Cannot make a temporary folder in ${parent} (${cause.code}).`, {
      remedy: 'Choose a folder that you may write to, with --tmp-dir or TMPDIR.',
      cause,
    })
  })
  return untilExit(path)
}

/** Writes a kubeconfig with one context. Never over a file that exists: that could be the one that somebody works with. */
export async function writeKubeconfig(path: string, access: Access): Promise<Temporary> {
  try {
    await writeFile(path, describe(access), { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    throw explain(path, cause as NodeJS.ErrnoException)
  }
  return untilExit(path)
}

function describe({ name, server, authority, token }: Access): string {
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
  }
  return toYaml([{ comments: ['A replay of freezeframe. This file is removed when the replay ends.'], content }])
}

/** Removal cannot wait for a promise: `exit` handlers run after the last one. */
function untilExit(path: string): Temporary {
  const remove = () => {
    process.off('exit', remove)
    rmSync(path, { recursive: true, force: true })
  }
  process.on('exit', remove)
  return { path, remove }
}

function explain(path: string, cause: NodeJS.ErrnoException): unknown {
  if (cause.code === 'EEXIST') {
    return new FreezeframeError('OUTPUT_EXISTS', `Cannot write ${path}: it exists.`, {
      remedy: 'Name a file that does not exist yet; a kubeconfig is never written over.',
      cause,
    })
  }
  return new FreezeframeError('OUTPUT_UNWRITABLE', `Cannot write ${path} (${cause.code}).`, {
    remedy: 'Name a file in a folder that you may write to.',
    cause,
  })
}
