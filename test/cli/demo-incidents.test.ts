import { readdirSync, readFileSync, statSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { verifyBundle } from '../../src/bundle/verify.ts'
import { DEFAULT_INCIDENT, findIncident, listIncidents } from '../../src/cli/demo/incidents.ts'

const FOLDER = new URL('../../fixtures/incidents', import.meta.url).pathname

const incidents = await listIncidents()

it('every folder of recorded incidents is one, and the default is the first', () => {
  expect(incidents.map((one) => one.name).sort()).toEqual(readdirSync(FOLDER).sort())
  expect(incidents[0]?.name).toBe(DEFAULT_INCIDENT)
})

describe('a name', () => {
  it.each([
    ['crash-loop', 'crash-loop-after-config-change'],
    ['cp', 'cpu-throttling-liveness-kills'],
    ['unschedulable-after-rollout', 'unschedulable-after-rollout'],
  ])('%s is enough for %s', async (name, found) => {
    expect(await findIncident(name)).toMatchObject({ name: found })
  })

  it.each([
    ['crash-lop', 'is no recorded incident.', 'Did you mean "crash-loop-after-config-change"?'],
    ['unschedulable-after-rolout', 'is no recorded incident.', 'Did you mean "unschedulable-after-rollout"?'],
    ['crash-loop-after-config-change-2', 'is no recorded incident.', 'Did you mean "crash-loop-after-config-change"?'],
    ['weather', 'is no recorded incident.', expect.stringMatching(/^Incidents: crash-.*, cpu-.*, unsch/)],
    ['x', 'is no recorded incident.', expect.stringMatching(/^Incidents: /)],
    ['', 'is no recorded incident.', expect.stringMatching(/^Incidents: /)],
    [
      'c',
      'begins the names of several recorded incidents.',
      'Incidents: crash-loop-after-config-change, cpu-throttling-liveness-kills.',
    ],
  ])('%j is refused', async (name, problem, remedy) => {
    const message = `"${name}" ${problem}`
    await expect(findIncident(name)).rejects.toMatchObject({ code: 'OPTION_INVALID', message, remedy })
  })
})

describe.each(incidents)('$name', ({ name, bundle, readme, title, summary }) => {
  it('is a whole bundle of a complete capture, under 1 MiB', async () => {
    expect(statSync(bundle).size).toBeLessThan(1024 * 1024)
    // A node that is lost keeps its logs.
    const outcome = name === 'node-lost' ? 'partial' : 'complete'
    expect(await verifyBundle(bundle)).toMatchObject({ status: 'intact', cluster: 'orchard', outcome })
  })

  it('holds what its README claims', async () => {
    const claims = readClaims(readFileSync(readme, 'utf8'))
    expect(claims.length).toBeGreaterThan(4)
    const opened = await openBundle(bundle)
    const unproved: string[] = []
    for (const { where, what } of claims) {
      const files = [...opened.files.keys()].filter((path) => matchesGlob(path, where))
      const bodies = await Promise.all(files.map((path) => opened.read(path)))
      if (!bodies.some((body) => body.includes(what))) unproved.push(`${where}: ${what}`)
    }
    await opened.close()
    expect(unproved).toEqual([])
  })

  it('names nothing of the machine that it was recorded on', async () => {
    const opened = await openBundle(bundle)
    const told: string[] = []
    for (const path of opened.files.keys()) {
      if (/\/(tmp|root|home|work)\/\w/.test((await opened.read(path)).toString('latin1'))) told.push(path)
    }
    await opened.close()
    expect(told).toEqual([])
  })

  it('has a README whose beginning can be printed, and says how to record it again', () => {
    expect(title).toMatch(/^[A-Z][^`*#]{10,70}$/)
    expect(summary.length).toBeGreaterThan(80)
    expect(readFileSync(readme, 'utf8')).toContain(`npm run record -- ${name}`)
  })
})

/** The rows of the README's table: a path with wildcards, and words that are found there. */
function readClaims(readme: string): { where: string; what: string }[] {
  return [...readme.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\|$/gm)].map(([, where = '', what = '']) => ({
    where,
    what,
  }))
}
