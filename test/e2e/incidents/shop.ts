import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '../cluster/images.ts'

/** The registry that the shop's images are named after; see registry.ts. */
export const REGISTRY = 'registry.orchard.example'

/** The small shop in which incidents happen: its manifests and its programs. */
export const SHOP = join(import.meta.dirname, 'orchard')

/** One service of the shop: what it starts, and which programs answer for it below `/cgi-bin/`. */
interface Service {
  readonly versions: readonly string[]
  readonly start: string
  readonly answers: Readonly<Record<string, string>>
}

const HEALTH = { healthz: 'light.cgi', ready: 'ready.cgi' }

const SERVICES: Readonly<Record<string, Service>> = {
  web: { versions: ['3.8.1'], start: 'web.sh', answers: HEALTH },
  catalog: { versions: ['4.2.0'], start: 'serve.sh', answers: { ...HEALTH, search: 'search.cgi' } },
  // The second one is what a rollout brings.
  recommendations: { versions: ['1.6.0', '2.0.0'], start: 'serve.sh', answers: { ...HEALTH, similar: 'light.cgi' } },
  checkout: { versions: ['2.14.0'], start: 'serve.sh', answers: { ...HEALTH, order: 'order.cgi' } },
  cart: { versions: ['1.2.5'], start: 'serve.sh', answers: { ...HEALTH, items: 'light.cgi' } },
  payments: { versions: ['1.9.3'], start: 'payments.sh', answers: { ...HEALTH, authorize: 'authorize.cgi' } },
  ledger: { versions: ['5.1.0'], start: 'serve.sh', answers: { ...HEALTH, entry: 'light.cgi' } },
  'log-shipper': { versions: ['0.9.2'], start: 'log-shipper.sh', answers: {} },
  'price-import': { versions: ['1.0.4'], start: 'price-import.sh', answers: {} },
}

/** An image for each version of each service; no registry has them. */
export function shopImages(): Image[] {
  return Object.entries(SERVICES).flatMap(([name, service]) =>
    service.versions.map((version) => ({
      name: `${REGISTRY}/shop/${name}:${version}`,
      command: [`/app/${service.start}`],
      env: { SERVICE: name, VERSION: version },
      programs: programsOf(service),
    })),
  )
}

function programsOf({ start, answers }: Service): Record<string, string> {
  const files = Object.fromEntries(
    ['log.sh', 'serve.sh', 'model.sh', start].map((name) => [`app/${name}`, readProgram(name)]),
  )
  for (const [path, name] of Object.entries(answers)) files[`srv/cgi-bin/${path}`] = readProgram(name)
  return files
}

function readProgram(name: string): string {
  return readFileSync(join(SHOP, 'programs', name), 'utf8')
}
