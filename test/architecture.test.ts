import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectors } from '../collectors/index.ts'

/**
 * Who may import whom: a folder, or a file, and the beginnings of the paths that it may reach. The first matching row counts; a path
 * within the same folder is always allowed, except between collectors. The picture is in ARCHITECTURE.md.
 */
const ALLOWED: readonly (readonly [from: string, to: readonly string[]])[] = [
  ['src/error.ts', []],
  ['src/bundle/format.ts', []],
  ['src/healing/', []],
  ['src/node-group.ts', []],
  [
    'src/collector.ts',
    [
      'src/bundle/format.ts',
      'src/healing/',
      'src/sources/kube/client.ts',
      'src/sources/kube/discovery.ts',
      'src/sources/kubelet/kubelet.ts',
      'src/sources/node/diagnostic/diagnostics.ts',
      'src/sources/node/inside.ts',
    ],
  ],
  ['src/bundle/', ['src/error.ts']],
  [
    'src/sources/',
    ['src/bundle/format.ts', 'src/bundle/gunzip.ts', 'src/bundle/tar-stream.ts', 'src/error.ts', 'src/collector.ts'],
  ],
  ['collectors/index.ts', ['collectors/', 'src/collector.ts']],
  ['collectors/', ['src/collector.ts', 'src/bundle/format.ts', 'src/error.ts', 'src/sources/']],
  [
    'src/capture/',
    [
      'src/bundle/',
      'src/healing/',
      'src/node-group.ts',
      'src/sources/',
      'src/collector.ts',
      'src/error.ts',
      'collectors/index.ts',
    ],
  ],
  ['src/serve/', ['src/bundle/', 'src/error.ts']],
  ['src/incident/', ['src/bundle/', 'src/node-group.ts', 'src/error.ts']],
  ['src/rules/', ['src/incident/']],
  ['src/rca/', ['src/bundle/', 'src/healing/', 'src/incident/', 'src/rules/', 'src/error.ts']],
  ['src/report/', ['src/rca/report.ts', 'src/incident/', 'src/rules/rule.ts', 'src/rules/index.ts']],
  ['src/cli/', ['src/', 'collectors/index.ts', 'package.json']],
  ['src/index.ts', ['src/', 'collectors/index.ts']],
]

/** Folders that work offline by construction: they may know the format and its reader, and nothing that reaches a network. */
const OFFLINE = ['src/bundle/', 'src/import/', 'src/incident/', 'src/rules/', 'src/rca/', 'src/report/', 'src/serve/']

/** The one offline file that listens; it connects to nobody. */
const LISTENS = 'src/serve/server.ts'

/** Packages that reach a network or are heavy to load, and the only folders that may. */
const GUARDED: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['src/sources/kube/'],
  undici: ['src/sources/'],
  '@aws-sdk/': ['src/sources/aws/'],
  archiver: ['src/bundle/'],
  commander: ['src/cli/'],
  'js-yaml': ['src/sources/kube/'],
}

interface Import {
  readonly from: string
  readonly to: string
  readonly lazy: boolean
  readonly typeOnly: boolean
}

const files = [...sources('src'), ...sources('collectors')]
const imports = files.flatMap(importsOf)
const local = imports.filter((one) => /^(src|collectors)\/|^package\.json$/.test(one.to))

describe('the architecture', () => {
  it('lets imports point one way only', () => {
    const wrong = local.filter((one) => !isAllowed(one)).map((one) => `${one.from} imports ${one.to}`)
    expect(wrong).toEqual([])
  })

  it('has no cycles among what is loaded at run time', () => {
    expect(findCycle(local.filter((one) => !one.typeOnly))).toBeUndefined()
  })

  it('lets only the transports reach a network', () => {
    const wrong = imports.filter((one) => guardsOf(one.to)?.every((folder) => !one.from.startsWith(folder)))
    expect(wrong.map((one) => `${one.from} imports ${one.to}`)).toEqual([])
    const offline = imports.filter(({ from }) => from !== LISTENS && OFFLINE.some((folder) => from.startsWith(folder)))
    const online = offline.filter(reachesNetwork)
    expect(online.map((one) => `${one.from} imports ${one.to}`)).toEqual([])
  })

  it('loads SDKs only when they are needed', () => {
    const eager = imports.filter((one) => /^@(kubernetes|aws-sdk)\//.test(one.to) && !one.lazy && !one.typeOnly)
    expect(eager).toEqual([])
  })

  it('prints, exits and reads the environment in src/cli only', () => {
    const spoken = /\bconsole\.|\bprocess\.(exit|exitCode|env|argv|stderr)\b/
    const wrong = files.filter((file) => !file.startsWith('src/cli/') && spoken.test(codeOf(file)))
    expect(wrong).toEqual([])
  })
})

describe('every collector', () => {
  const named = sources('collectors').filter((file) => /: Collector = \{/.test(readFileSync(file, 'utf8')))

  it('has the name of its file as id', () => {
    const ids = named.map((file) => /^ {2}id: '([^']+)'/m.exec(readFileSync(file, 'utf8'))?.[1])
    expect(ids).toEqual(named.map((file) => file.slice('collectors/'.length, -'.ts'.length)))
  })

  it('is in the index, once', () => {
    const ids = collectors.map((collector) => collector.id)
    expect([...ids].sort()).toEqual(named.map((file) => file.slice('collectors/'.length, -'.ts'.length)).sort())
  })
})

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort()
}

/** The code without comments: a sentence may say what code may not. */
function codeOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}

function importsOf(file: string): Import[] {
  const code = codeOf(file)
  const fixed = [...code.matchAll(/^(?:import|export)\s+(type\s)?([^'"]*?\bfrom\s+)?['"]([^'"]+)['"]/gm)]
  const lazy = [...code.matchAll(/\b(typeof\s+)?import\(\s*['"]([^'"]+)['"]\s*\)(\.\w)?/g)]
  return [
    ...fixed.map((found) => describeImport(file, found[3] ?? '', false, found[1] !== undefined)),
    ...lazy.map((found) => describeImport(file, found[2] ?? '', true, found[3] !== undefined)),
  ]
}

function describeImport(from: string, specifier: string, lazy: boolean, typeOnly: boolean): Import {
  const to = specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : specifier
  return { from, to, lazy, typeOnly }
}

/** What collectors share is a file in their folder that is no collector. */
function isShared(path: string): boolean {
  return (
    path.startsWith('collectors/') &&
    path !== 'collectors/index.ts' &&
    !collectors.some((one) => path === `collectors/${one.id}.ts`)
  )
}

function isAllowed({ from, to }: Import): boolean {
  const rule = ALLOWED.find(([start]) => from.startsWith(start))
  if (!rule) return false
  const [start, targets] = rule
  if (start.startsWith('collectors/') && isShared(to)) return true
  if (start !== 'collectors/' && start.endsWith('/') && to.startsWith(start)) return true
  return targets.some((target) => to.startsWith(target))
}

function guardsOf(name: string): readonly string[] | undefined {
  return Object.entries(GUARDED).find(
    ([guarded]) => name === guarded || name.startsWith(guarded.replace(/\/?$/, '/')),
  )?.[1]
}

function reachesNetwork({ to }: Import): boolean {
  return /^src\/sources\/|^node:(net|tls|http|https|http2|dgram|dns)$/.test(to)
}

function findCycle(edges: readonly Import[]): string | undefined {
  const next = Map.groupBy(edges, (edge) => edge.from)
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' -> ')
    if (done.has(file)) return undefined
    for (const edge of next.get(file) ?? []) {
      const cycle = visit(edge.to, [...path, file])
      if (cycle !== undefined) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of next.keys()) {
    const cycle = visit(file, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
