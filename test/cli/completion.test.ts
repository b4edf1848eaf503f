import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { rules } from '../../src/rules/index.ts'
import type { Rule } from '../../src/rules/rule.ts'
import { runCli } from './run.ts'

const run = promisify(execFile)

const RULES = rules.filter(({ domain }: Rule) => domain !== 'generic').map(({ id }: Rule) => id)

let scripts: Record<string, string>
beforeAll(async () => {
  const shells = ['bash', 'zsh', 'fish']
  const seen = await Promise.all(shells.map((shell) => runCli(['completion', shell])))
  scripts = Object.fromEntries(shells.map((shell, index) => [shell, seen[index]?.stdout.toString() ?? '']))
})

/** What bash offers after these words; the last one is being typed. */
async function complete(...words: string[]): Promise<string[]> {
  const script = `${scripts.bash}
    COMP_WORDS=(freezeframe ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
    _freezeframe; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await run('bash', ['-c', script])
  return stdout.trim().split('\n').filter(Boolean)
}

describe('in bash', () => {
  it('completes commands', async () => {
    expect(await complete('')).toEqual([
      'capture',
      'analyze',
      'explain',
      'serve',
      'verify',
      'permissions',
      'demo',
      'completion',
      'help',
      '--help',
      '--version',
    ])
    expect(await complete('per')).toEqual(['permissions'])
  })

  it('completes the options of a command', async () => {
    expect(await complete('capture', '--re')).toEqual(['--redaction-key'])
    expect(await complete('verify', '--')).toEqual(['--tmp-dir', '--format', '--debug', '--help'])
  })

  it('completes the values that an option can have, and files where one is meant', async () => {
    expect(await complete('capture', '--logs', '')).toEqual(['all', 'suspects', 'none'])
    expect(await complete('capture', '--output', '/etc/host')).toContain('/etc/hosts')
    expect(await complete('capture', '--deadline', '')).toEqual([])
    expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  })

  it('completes the names of rules', async () => {
    expect(await complete('explain', 'image-not')).toEqual(['image-not-found'])
    expect(await complete('analyze', '--why-not', 'image-not')).toEqual(['image-not-found'])
    expect(await complete('explain', '')).toEqual(RULES)
  })
})

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  it('is the same as ever', async () => {
    // Rules come and go; the script is the same but for their names.
    await expect(scripts[shell]?.replaceAll(RULES.join(' '), 'RULES')).toMatchFileSnapshot(
      `snapshots/completion.${shell}`,
    )
  })

  const installed = spawnSync(shell, ['-c', 'true']).status === 0
  it.skipIf(!installed)('is understood by it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'freezeframe-completion-'))
    await writeFile(join(folder, 'script'), scripts[shell] ?? '')
    const checked = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' })
    await rm(folder, { recursive: true })
    expect({ status: checked.status, stderr: checked.stderr }).toEqual({ status: 0, stderr: '' })
  })
})
