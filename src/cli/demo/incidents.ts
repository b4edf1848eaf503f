import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FreezeframeError } from '../../error.ts'
import { suggest } from '../suggest.ts'

/** A recorded incident: a bundle of a real cluster, and the paper that says what happened there. */
export interface Incident {
  readonly name: string
  readonly bundle: string
  readonly readme: string
  /** The paper's heading, and its first paragraph as one line. */
  readonly title: string
  readonly summary: string
}

/** What `demo` shows when nobody asked for another: a cause that a log names, with all that follows from it. */
export const DEFAULT_INCIDENT = 'crash-loop-after-config-change'

/** The recorded incidents, the default one first. */
export async function listIncidents(): Promise<readonly Incident[]> {
  const folder = findFolder()
  const names = (await readdir(folder)).filter((name) => existsSync(join(folder, name, 'bundle.tar.gz')))
  const sorted = names.sort(
    (a, b) => Number(b === DEFAULT_INCIDENT) - Number(a === DEFAULT_INCIDENT) || (a < b ? -1 : 1),
  )
  return Promise.all(sorted.map((name) => readIncident(join(folder, name), name)))
}

/** The incident of that name, or the only one whose name begins with it. Throws OPTION_INVALID with the nearest one. */
export async function findIncident(name: string): Promise<Incident> {
  const incidents = await listIncidents()
  const begun = incidents.filter((incident) => name !== '' && incident.name.startsWith(name))
  const found = incidents.find((incident) => incident.name === name) ?? (begun.length === 1 ? begun[0] : undefined)
  if (found) return found
  const names = (begun.length > 1 ? begun : incidents).map((incident) => incident.name)
  const meant = begun.length > 1 ? undefined : suggestIncident(name, names)
  const problem = begun.length > 1 ? 'begins the names of several recorded incidents' : 'is no recorded incident'
  throw new FreezeframeError('OPTION_INVALID', `"${name}" ${problem}.`, {
    remedy: meant === undefined ? `Incidents: ${names.join(', ')}.` : `Did you mean "${meant}"?`,
  })
}

/** The name that a word was most likely meant for: all of it, or as far as it was typed. A few letters are near to anything. */
function suggestIncident(name: string, names: readonly string[]): string | undefined {
  if (name.length < FEWEST_LETTERS) return undefined
  const begun = names.map((one) => one.slice(0, name.length))
  return suggest(name, names) ?? names[begun.indexOf(suggest(name, begun) ?? '')]
}

const FEWEST_LETTERS = 3

/** Beside `lib/` in the package and at the root of a checkout; the nearer first, because what lies above the package is not ours. */
function findFolder(): string {
  const folders = ['..', join('..', '..', '..')].map((up) => join(import.meta.dirname, up, 'fixtures', 'incidents'))
  const found = folders.find((folder) => existsSync(folder))
  if (found !== undefined) return found
  throw new FreezeframeError('BUNDLE_MISSING', 'The recorded incidents are not where they were installed.', {
    remedy: 'Install freezeframe again, or give a bundle to freezeframe serve.',
  })
}

async function readIncident(folder: string, name: string): Promise<Incident> {
  const readme = join(folder, 'README.md')
  const [heading = '', paragraph = ''] = (await readFile(readme, 'utf8')).split(/\n\s*\n/)
  return {
    name,
    bundle: join(folder, 'bundle.tar.gz'),
    readme,
    title: heading.replace(/^#\s*/, '').trim(),
    summary: paragraph.replace(/\s+/g, ' ').trim(),
  }
}
