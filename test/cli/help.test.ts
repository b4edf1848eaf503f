import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { runCli } from './run.ts'

const COMMANDS = ['capture', 'analyze', 'explain', 'serve', 'verify', 'permissions', 'demo', 'completion']

describe('help', () => {
  it('lists the commands, with examples', async () => {
    const { code, stdout, stderr } = await runCli(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await expect(stdout.toString()).toMatchFileSnapshot('snapshots/help.txt')
  })

  it.each(COMMANDS)('of %s explains its options within 100 columns, with examples', async (command) => {
    const { code, stdout } = await runCli([command, '--help'])
    expect(code).toBe(0)
    expect(stdout.toString()).toContain('Examples:')
    expect(
      Math.max(
        ...stdout
          .toString()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(100)
    await expect(stdout.toString()).toMatchFileSnapshot(`snapshots/help-${command}.txt`)
  })

  it('prints the version of the package', async () => {
    const { code, stdout } = await runCli(['--version'])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: `${manifest.version}\n` })
  })
})

describe('starting', () => {
  it.each([['--help'], ['--version'], ['capture', '--help'], ['serve', '--help'], ['demo', '--help']])(
    'with %s loads nothing but commander and the command line',
    async (...args) => {
      const loaded = await loadedBy(args)
      const own = loaded.filter(
        (url) => !url.startsWith('node:') && !/\/src\/cli\/|\/node_modules\/commander\//.test(url),
      )
      expect(
        own.filter((url) =>
          /node_modules|collectors|sources|capture\/run|bundle\/(reader|writer)|src\/serve/.test(url),
        ),
      ).toEqual([])
      expect(loaded.length).toBeLessThan(80)
    },
  )
})

async function loadedBy(args: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'freezeframe-imports-'))
  try {
    const hook = new URL('record-imports.mjs', import.meta.url).href
    await runCli(args, { node: ['--import', hook], env: { IMPORTS: join(folder, 'list') } })
    return (await readFile(join(folder, 'list'), 'utf8')).trim().split('\n')
  } finally {
    await rm(folder, { recursive: true })
  }
}
