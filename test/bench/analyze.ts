import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeLargeBundle } from './large-bundle.ts'
import { type Measured, measure, show } from './measure.ts'

/**
 * Measures the analysis of large bundles, one pod in a hundred sick, against reading and parsing the same lists: `npm run bench:analyze`. See
 * README.md beside this file for how to read what it prints.
 */
const { values } = parseArgs({
  options: { pods: { type: 'string', default: '20000,150000' }, rounds: { type: 'string', default: '3' } },
})

const ROOT = join(import.meta.dirname, '..', '..')
const PROGRAM = join(ROOT, 'dist', 'bin', 'freezeframe.js')
const DEMO = join(ROOT, 'fixtures', 'incidents', 'crash-loop-after-config-change', 'bundle.tar.gz')

execFileSync(process.execPath, [join(ROOT, 'build.ts')], { stdio: 'ignore' })
for (const pods of values.pods.split(',').map(Number)) {
  await report(`${pods} pods`, await makeLargeBundle({ pods, events: 20_000, nodes: 1000, namespaces: 200 }))
}
await report('the incident of the demo', DEMO)

async function report(name: string, bundle: string): Promise<void> {
  const pairs: { floor: Measured; ours: Measured }[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    pairs.push({
      floor: await run([join(import.meta.dirname, 'parse-floor.ts'), bundle]),
      ours: await run([PROGRAM, 'analyze', '--format', 'json', bundle]),
    })
  }
  const column = (pick: (one: Measured) => number, digits = 2) => [
    show(
      pairs.map(({ floor }) => pick(floor)),
      digits,
    ),
    show(
      pairs.map(({ ours }) => pick(ours)),
      digits,
    ),
  ]
  console.log(name)
  for (const [what, [floor, ours]] of [
    ['wall s', column(({ wall }) => wall)],
    ['CPU s', column(({ cpu }) => cpu)],
    ['peak RSS MiB', column(({ rss }) => rss, 0)],
  ] as const)
    console.log(`  ${what.padEnd(14)} floor ${(floor ?? '').padEnd(22)} analyze ${ours}`)
  console.log(`  ratio          ${show(pairs.map(({ floor, ours }) => ours.wall / floor.wall))}`)
}

async function run(args: readonly string[]): Promise<Measured> {
  const measured = await measure(process.execPath, [...args], { discard: true })
  if (measured.code !== 0) throw new Error(`${args.join(' ')}: ${measured.stderr}`)
  return measured
}
