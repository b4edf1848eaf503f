import type { BundleReader } from '../../bundle/reader.ts'
import { readJson } from '../bundle-file.ts'
import type { Figure } from '../counters/summary.ts'
import { numberAt, recordAt, valueAt } from '../kubernetes.ts'

/** The addresses that ipamd holds on a network card of its node. */
export interface AddressPool {
  readonly total: Figure
  readonly assigned: Figure
}

/** A node with 15 interfaces of 50 addresses has some 200 KB: more than this is no ipamd's. */
const LONGEST = 16 * 1024 * 1024

/** Instances have at most some tens of network cards; more keys than this are no cards. */
const MOST_CARDS = 64

/**
 * Reads what ipamd answers to `/v1/enis`: `{TotalIPs, AssignedIPs, ENIs}` (aws/amazon-vpc-cni-k8s, pkg/ipamd/datastore/data_store.go, ENIInfos),
 * since v1.20 one for each network card, by its number (pkg/ipamd/introspect.go).
 */
export async function readAddressPools(bundle: BundleReader, file: string): Promise<readonly AddressPool[]> {
  const json = await readJson(bundle, file, LONGEST)
  const flat = readPool(file, json, '')
  if (flat) return [flat]
  return Object.keys(recordAt(json))
    .filter((card) => /^\d{1,3}$/.test(card))
    .slice(0, MOST_CARDS)
    .flatMap((card) => readPool(file, valueAt(json, card), `/${card}`) ?? [])
}

function readPool(file: string, json: unknown, place: string): AddressPool | undefined {
  const [total, assigned] = [numberAt(json, 'TotalIPs'), numberAt(json, 'AssignedIPs')]
  if (!isNumberOfAddresses(total) || !isNumberOfAddresses(assigned)) return undefined
  return {
    total: { value: total, file, pointer: `${place}/TotalIPs` },
    assigned: { value: assigned, file, pointer: `${place}/AssignedIPs` },
  }
}

function isNumberOfAddresses(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0
}
