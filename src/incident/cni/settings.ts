import type { BundleReader } from '../../bundle/reader.ts'
import { readJson } from '../bundle-file.ts'
import type { Figure } from '../counters/summary.ts'
import { numberAt } from '../kubernetes.ts'

/** How many interfaces or addresses ipamd keeps in reserve on its node, as it is set. */
export interface Reserve {
  readonly name: string
  readonly value: Figure
}

/** What ipamd tells of it (aws/amazon-vpc-cni-k8s v1.23, pkg/ipamd/ipamd.go, GetConfigForDebug); nought of addresses is none asked for. */
const NAMES = ['WARM_IP_TARGET', 'WARM_ENI_TARGET'] as const

/** An answer has some ten settings. */
const LONGEST = 64 * 1024

/** Reads what ipamd answers to `/v1/ipamd-env-settings`: the setting of its reserve that counts, addresses before interfaces. */
export async function readReserve(bundle: BundleReader, file: string): Promise<Reserve | undefined> {
  const json = await readJson(bundle, file, LONGEST)
  const settings = NAMES.map((name): Reserve => {
    const value = numberAt(json, name) ?? 0
    return { name, value: { value, file, pointer: `/${name}` } }
  })
  return settings.find(({ value }) => value.value > 0)
}
