import { execFile } from 'node:child_process'
import { chmod, copyFile, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import manifest from './package.json' with { type: 'json' }

/**
 * Makes `dist/` (or the folder named), the package as it is published: `npm run build && npm pack ./dist`.
 *
 * The sources become lazy chunks in one flat folder, so that a worker beside the chunk that starts it is found by its bare name;
 * dependencies stay dependencies. Without scripts and without the Node binaries that a checkout brings along.
 */
const DIST = process.argv[2] ?? 'dist'

const COPIED: Readonly<Record<string, string>> = {
  'README.md': 'README.md',
  'CHANGELOG.md': 'CHANGELOG.md',
  LICENSE: 'LICENSE',
  'docs/analyze.md': 'docs/analyze.md',
  'docs/automation.md': 'docs/automation.md',
  'docs/bundle-format.md': 'docs/bundle-format.md',
  'docs/serve.md': 'docs/serve.md',
  'src/bundle/manifest.schema.json': 'manifest.schema.json',
  'src/rca/report.schema.json': 'report.schema.json',
  'bin/package.json': 'bin/package.json',
  // Read at run time, from beside the chunk that reads it.
  'src/sources/node/batch.sh': 'lib/batch.sh',
}

await rm(DIST, { recursive: true, force: true })
await Promise.all([bundleSources(), emitTypes(), writeStarter(), writeManifest(), copyFiles()])

async function bundleSources(): Promise<void> {
  const entries = [
    { in: 'src/cli/main.ts', out: 'main' },
    { in: 'src/index.ts', out: 'index' },
  ]
  // A flat folder needs names that say whose worker it is: `redact/worker.ts` becomes `redact-worker.js`.
  for await (const path of glob('src/**/worker.ts'))
    entries.push({ in: path, out: `${basename(dirname(path))}-worker` })
  await build({
    entryPoints: entries,
    outdir: join(DIST, 'lib'),
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    packages: 'external',
    logLevel: 'warning',
  })
}

/** Declarations keep the folders of the sources; TypeScript finds `./x.d.ts` where they import `./x.ts`. */
async function emitTypes(): Promise<void> {
  const compiler = join('node_modules', '.bin', 'tsc')
  await promisify(execFile)(compiler, ['--project', 'tsconfig.types.json', '--outDir', join(DIST, 'types')])
}

/** The same starter as in a checkout, pointed at the built program. */
async function writeStarter(): Promise<void> {
  const source = await readFile('bin/freezeframe.js', 'utf8')
  const starter = source.replace("'../src/cli/main.ts'", "'../lib/main.js'")
  if (starter === source) throw new Error('bin/freezeframe.js does not import ../src/cli/main.ts any more')
  await write('bin/freezeframe.js', starter)
  await chmod(join(DIST, 'bin/freezeframe.js'), 0o755)
}

async function writeManifest(): Promise<void> {
  const { name, version, description, license, type, bin, engines, dependencies } = manifest
  const exports = {
    '.': { types: './types/src/index.d.ts', default: './lib/index.js' },
    './manifest.schema.json': './manifest.schema.json',
    './report.schema.json': './report.schema.json',
  }
  const published = { name, version, description, license, type, bin, exports, engines, dependencies }
  await write('package.json', `${JSON.stringify(published, null, 2)}\n`)
}

async function copyFiles(): Promise<void> {
  for (const [from, to] of [...Object.entries(COPIED), ...(await listSame())]) {
    await mkdir(dirname(join(DIST, to)), { recursive: true })
    await copyFile(from, join(DIST, to))
  }
}

/** What `demo` serves, the paper beside it, and the pages of the failure modes: where they are in a checkout. */
async function listSame(): Promise<[from: string, to: string][]> {
  const files: [string, string][] = []
  for await (const path of glob(['fixtures/incidents/*/{README.md,bundle.tar.gz}', 'docs/rules/*.md']))
    files.push([path, path])
  return files
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(DIST, path)), { recursive: true })
  await writeFile(join(DIST, path), content)
}
