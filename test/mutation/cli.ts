import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createVitest, type TestSpecification, type Vitest } from 'vitest/node'
import { decisiveMutantsOf, type Mutant, mutantsOf } from './mutants.ts'

const ROOT = new URL('../..', import.meta.url).pathname

/** The source that stands in for a file while one mutant is tried. */
const mutated = { path: '', source: '' }

/**
 * `npm run mutate -- [--all] [RULE|DOMAIN …]`: flips the conditions by which each rule decides, one at a time, and names those whose flip no test of the
 * rule notices. `--all` takes every condition in the folders of rules.
 */
async function main(args: readonly string[]): Promise<void> {
  const names = args.filter((arg) => arg !== '--all')
  const find = args.includes('--all') ? mutantsOf : decisiveMutantsOf
  const sum = { killed: 0, alive: 0 }
  for (const path of findRules(names)) {
    const { killed, alive } = await mutate(path, find(readFileSync(path, 'utf8')))
    sum.killed += killed
    sum.alive += alive.length
    if (killed + alive.length > 0) console.log(`${basename(path, '.ts')}: ${killed} noticed, ${alive.length} not`)
    for (const { line, was, becomes } of alive)
      console.log(`  ${path.slice(ROOT.length)}:${line}  ${oneLine(was)}  ->  ${oneLine(becomes)}`)
  }
  console.log(`${sum.killed} of ${sum.killed + sum.alive} flipped conditions are noticed`)
}

function startVitest(): Promise<Vitest> {
  const quiet = { onInit() {} }
  return createVitest(
    'test',
    {
      root: ROOT,
      config: false,
      watch: false,
      reporters: [quiet],
      pool: 'threads',
      maxWorkers: 1,
      // What a module was turned into is kept by its file, which stays as it is.
      fsModuleCache: false,
      testTimeout: 10_000,
    },
    { plugins: [{ name: 'mutate', enforce: 'pre', load: (id) => (id === mutated.path ? mutated.source : undefined) }] },
  )
}

/** Files of rules, by their own name or that of their folder; all where no name is given. */
function findRules(names: readonly string[]): readonly string[] {
  const paths = globSync('src/rules/*/*.ts', { cwd: ROOT }).sort()
  return paths
    .filter((path) => !path.endsWith('/index.ts'))
    .filter(
      (path) => names.length === 0 || names.some((name) => path.includes(`/${name}/`) || path.endsWith(`/${name}.ts`)),
    )
    .map((path) => ROOT + path)
}

interface Outcome {
  readonly killed: number
  readonly alive: readonly Mutant[]
}

async function mutate(path: string, mutants: readonly Mutant[]): Promise<Outcome> {
  if (mutants.length === 0) return { killed: 0, alive: [] }
  const vitest = await startVitest()
  const tests = findTests(vitest, path)
  if (!(await pass(vitest, tests))) throw new Error(`The tests of ${path} fail as it is.`)
  const alive: Mutant[] = []
  for (const mutant of mutants) if (!(await isNoticed(vitest, tests, path, mutant))) alive.push(mutant)
  mutated.path = ''
  vitest.invalidateFile(path)
  if (!(await pass(vitest, tests))) throw new Error(`The tests of ${path} fail once its mutants are gone.`)
  await vitest.close()
  return { killed: mutants.length - alive.length, alive }
}

/** The tests of the folder of a rule that name it or its file; of what rules share, all of the folder. */
function findTests(vitest: Vitest, path: string): readonly TestSpecification[] {
  const [, domain, id] = /src\/rules\/([^/]+)\/([^/]+)\.ts$/.exec(path) ?? []
  const files = globSync(`test/rules/${domain}/*.test.ts`, { cwd: ROOT }).sort()
  const own = files.filter((file) => readFileSync(ROOT + file, 'utf8').includes(`${id}`))
  const project = vitest.getRootProject()
  return (own.length > 0 ? own : files).map((file) => project.createSpecification(ROOT + file))
}

async function isNoticed(
  vitest: Vitest,
  tests: readonly TestSpecification[],
  path: string,
  mutant: Mutant,
): Promise<boolean> {
  mutated.path = path
  mutated.source = mutant.source
  vitest.invalidateFile(path)
  return !(await pass(vitest, tests))
}

async function pass(vitest: Vitest, tests: readonly TestSpecification[]): Promise<boolean> {
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([...tests])
  return unhandledErrors.length === 0 && testModules.every((module) => module.ok())
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 80)
}

await main(process.argv.slice(2))
