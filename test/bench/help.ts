import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { show } from './measure.ts'

/** Measures how long `freezeframe --help` takes, built, against a Node that does nothing: `npm run bench:help`. */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } })

const ROOT = join(import.meta.dirname, '..', '..')
const PROGRAM = join(ROOT, 'dist', 'bin', 'freezeframe.js')

execFileSync(process.execPath, [join(ROOT, 'build.ts')], { stdio: 'ignore' })
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': ['-e', '0'],
  'freezeframe --help': [PROGRAM, '--help'],
  'freezeframe --version': [PROGRAM, '--version'],
}

const taken = Object.entries(COMMANDS).map(([name, args]) => ({ name, args, figures: [] as number[] }))
// The first round fills Node's compile cache.
for (let round = -1; round < Number(values.rounds); round++) {
  for (const { args, figures } of taken) {
    const begun = performance.now()
    execFileSync(process.execPath, args, { stdio: 'ignore' })
    if (round >= 0) figures.push(performance.now() - begun)
  }
}
for (const { name, figures } of taken) console.log(`${name.padEnd(24)}${show(figures, 0)} ms`)
