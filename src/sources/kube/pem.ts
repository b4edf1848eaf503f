import { readFile } from 'node:fs/promises'
import { FreezeframeError } from '../../error.ts'

/** A PEM from a kubeconfig's `…-data` (base64) or file, whichever is there. */
export async function readPem(data: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  if (!path) return undefined
  return readFile(path, 'utf8').catch((cause) => {
    throw new FreezeframeError('KUBECONFIG_INVALID', `Cannot read ${path}, which the kubeconfig names.`, { cause })
  })
}
