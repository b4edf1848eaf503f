import { isIP } from 'node:net'
import { invalidOption } from '../parse/invalid.ts'
import { parseSpeed } from '../parse/speed.ts'
import type { ServeRequest } from './open.ts'

/** The command line of `serve` as commander hands it over. */
export interface ServeFlags {
  readonly address: string
  readonly port?: string
  readonly kubeconfigOut?: string
  readonly shell?: boolean
  readonly at?: string
  /** True without a speed. */
  readonly replayChanges?: string | true
  readonly cache?: boolean
  readonly tmpDir?: string
}

/** Turns words into values. Throws OPTION_INVALID. */
export function readServeRequest(source: string, flags: ServeFlags): ServeRequest {
  return {
    source,
    address: readAddress(flags.address),
    port: flags.port === undefined ? 0 : readPort(flags.port),
    kubeconfigOut: flags.kubeconfigOut,
    tmpDir: flags.tmpDir,
    cacheFile: flags.cache ? chooseCacheFile(source) : undefined,
    at: flags.at,
    replaySpeed: readSpeed(flags.replayChanges),
  }
}

/** Clients are told this address, and requests for any other are refused: it must be one that leads here. */
function readAddress(text: string): string {
  if (text === '0.0.0.0' || /^[0:]+$/.test(text)) {
    throw invalidOption('--address', text, 'is no address that leads here', 'Name the one that clients will use.')
  }
  if (isIP(text) !== 0 || text === 'localhost') return text
  throw invalidOption('--address', text, 'is no IP address', 'Write it as 127.0.0.1 or 10.0.1.7.')
}

/** Beside the bundle, under a name that no bundle has. */
function chooseCacheFile(source: string): string {
  if (source !== '-') return `${source.replace(/\/+$/, '')}.index`
  throw invalidOption('--cache', source, 'has no place beside it', 'Save the bundle as a file, or leave --cache out.')
}

function readSpeed(given: ServeFlags['replayChanges']): number | undefined {
  if (given === undefined) return undefined
  return given === true ? 1 : parseSpeed('--replay-changes', given)
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw invalidOption('--port', text, 'is no port', 'Write a number up to 65535; 0 is any that is free.')
}
