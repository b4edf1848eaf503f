import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/rca/report.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { renderText } from '../../src/report/text.ts'
import { renderWhyNot, whyNot } from '../../src/report/why-not.ts'
import { type RunOptions, runCli } from './run.ts'
import { BROKEN, saveScene, WELL } from './scene-folder.ts'

const RECORDED = new URL('../../fixtures/incidents/crash-loop-after-config-change/bundle.tar.gz', import.meta.url)
  .pathname

let folder: string
let report: Report
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-analyze-'))
  await saveScene(join(folder, 'broken'), BROKEN)
  await saveScene(join(folder, 'well'), WELL)
  report = JSON.parse((await analyze('--format', 'json', 'broken')).stdout)
  await writeFile(join(folder, 'report.json'), JSON.stringify(report))
})
afterAll(() => rm(folder, { recursive: true }))

interface Answer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function analyze(...args: readonly string[]): Promise<Answer> {
  return analyzeWith({}, ...args)
}

async function analyzeWith(options: RunOptions, ...args: readonly string[]): Promise<Answer> {
  const seen = await runCli(['analyze', ...args], { cwd: folder, ...options })
  return { ...seen, stdout: seen.stdout.toString() }
}

describe('a report', () => {
  it('is drawn from what --format json prints, and nothing else', async () => {
    expect(report.verdict.status).not.toBe('healthy')
    expect(await analyze('broken')).toEqual({ code: 0, stdout: renderText(report), stderr: '' })
    expect(await analyze('--why', 'broken')).toEqual({ code: 0, stdout: renderText(report, { why: true }), stderr: '' })
    expect(await analyze('--format', 'md', 'broken')).toEqual({ code: 0, stdout: renderMarkdown(report), stderr: '' })
  })

  it('of a cluster that is well blames nobody', async () => {
    const { code, stdout } = await analyze('--fail-on', 'possible', 'well')
    expect({ code, head: stdout.split('\n')[0] }).toEqual({ code: 0, head: 'HEALTHY  Nothing is seen to be broken.' })
  })

  it('names the bundle by its file, wherever that is', async () => {
    expect(report.bundle.name).toBe('broken')
    expect((await analyzeWith({ cwd: join(folder, 'broken') }, '.')).stdout).toBe(renderText(report))
  })

  it.each([
    { TZ: 'Asia/Kolkata' },
    { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
    { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8' },
  ])('is the same, byte for byte, under %o', async (env) => {
    const text = (await analyze('--format', 'json', 'broken')).stdout
    expect((await analyzeWith({ env }, '--format', 'json', 'broken')).stdout).toBe(text)
    for (const format of ['text', 'md'])
      expect((await analyzeWith({ env }, '--format', format, RECORDED)).stdout).toBe(
        (await analyze('--format', format, RECORDED)).stdout,
      )
  })

  it('is the same whatever the order of the files', async () => {
    const other = await mkdtemp(join(tmpdir(), 'freezeframe-analyze-'))
    await saveScene(join(other, 'broken'), BROKEN, { reversed: true })
    const again = await analyzeWith({ cwd: other }, '--format', 'json', 'broken')
    await rm(other, { recursive: true })
    expect(JSON.parse(again.stdout)).toEqual(report)
  })

  it('of what comes through a pipe is called as the capture was', async () => {
    const piped = await analyzeWith({ stdin: RECORDED }, '--format', 'json', '-')
    expect(JSON.parse(piped.stdout).bundle.name).toBe('freezeframe-orchard-20261125T015319Z.tar.gz')
  })

  it('of a bundle that is cut says so, and is one all the same', async () => {
    const whole = await readFile(RECORDED)
    await writeFile(join(folder, 'cut.tar.gz'), whole.subarray(0, whole.length / 2))
    const { code, stdout, stderr } = await analyze('cut.tar.gz')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').slice(0, 24).join('\n')).toContain('the bundle is not whole')
    expect(JSON.parse((await analyze('--format', 'json', 'cut.tar.gz')).stdout).bundle).toMatchObject({ root: '' })
  })

  it('needs no more than its head where nobody reads on', () => {
    const program = new URL('../../bin/freezeframe.js', import.meta.url).pathname
    const line = `{ "${process.execPath}" "${program}" analyze "${RECORDED}"; echo "exit $?" >&2; } | head -1`
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8', timeout: 20_000 })
    expect(stdout.split('\n').length).toBe(2)
    expect(stderr).toBe('exit 0\n')
  })
})

describe('--fail-on', () => {
  it.each(['confirmed', 'probable', 'possible'] as const)(
    '%s exits 1 where a cause is as sure as that',
    async (least) => {
      const order = ['confirmed', 'probable', 'possible']
      const isMet = report.causes.some(
        ({ confidence }) => order.indexOf(confidence) >= 0 && order.indexOf(confidence) <= order.indexOf(least),
      )
      const { code, stdout } = await analyze('--fail-on', least, 'broken')
      expect({ code, stdout }).toEqual({ code: isMet ? 1 : 0, stdout: renderText(report) })
    },
  )
})

describe('what it is narrowed to', () => {
  it('is in the report', async () => {
    const args = ['--format', 'json', '--focus', 'deploy/shop/web', '--from', '1h', '--to', '2026-02-01T11:59:00Z']
    const { stdout } = await analyze(...args, 'broken')
    expect(JSON.parse(stdout).focus).toEqual({
      object: 'Deployment/shop/web',
      from: '2026-02-01T11:00:00Z',
      to: '2026-02-01T11:59:00Z',
    })
  })

  it.each([
    [['--focus', 'deploy/shop/nope'], 'The bundle holds no Deployment shop/nope.'],
    [['--focus', 'web'], '--focus "web" names no object.'],
    [['--from', 'yesterday'], '--from "yesterday" is not a time.'],
    [['--from', '1m', '--to', '5m'], '--from "1m" is later than --to.'],
  ])('must be something that is there: %j', async (args, message) => {
    const { code, stdout, stderr } = await analyze(...args, 'broken')
    expect({ code, stdout, message: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stdout: '',
      message: `error: ${message}`,
    })
  })
})

describe('--timeline', () => {
  const POD = 'pod/shop/payments-57cc9bf855-mhgbp'

  it('tells everything dated of an object and what belongs to it, oldest first, each with its evidence', async () => {
    const { stdout } = await analyze('--timeline', '--format', 'json', '--focus', POD, RECORDED)
    const { timeline } = JSON.parse(stdout) as { timeline: { at: string; about: object; source: string; cites: [] }[] }
    expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).sort())
    expect(new Set(timeline.map(({ source }) => source))).toEqual(
      new Set(['object', 'write', 'generation', 'condition', 'container', 'log', 'event', 'capture']),
    )
    expect(timeline.filter(({ cites }) => cites.length === 0)).toEqual([])
  })

  it('is narrowed to a time, and is the same in text and Markdown', async () => {
    const { timeline } = JSON.parse((await analyze('--timeline', '--format', 'json', '--from', '20s', RECORDED)).stdout)
    const text = (await analyze('--timeline', '--from', '20s', RECORDED)).stdout
    const table = (await analyze('--timeline', '--from', '20s', '--format', 'md', RECORDED)).stdout
    expect(text.match(/^\d\d:\d\d:\d\d {2}/gm)).toHaveLength(timeline.length)
    expect(table.trim().split('\n')).toHaveLength(timeline.length + 2)
    expect(Math.max(...text.split('\n').map((line) => line.replace(/^ +\S+$/, '').length))).toBeLessThanOrEqual(80)
  })
})

describe('--why-not', () => {
  it('says what became of a rule, as text and as JSON', async () => {
    for (const { id } of report.rules.slice(0, 20)) {
      const answer = whyNot(report, id)
      if (id === report.rules[0]?.id) {
        expect((await analyze('--why-not', id, 'broken')).stdout).toBe(renderWhyNot(answer))
        expect(JSON.parse((await analyze('--why-not', id, '--format', 'json', 'broken')).stdout)).toEqual(answer)
      }
      expect(Object.keys(answer)).toEqual(['rule', 'status', 'why', 'rejections', 'findings'])
    }
  })
})

describe('--output', () => {
  it('writes a file that only its owner may read, and prints its path; the format is as the name ends', async () => {
    expect(await analyze('-o', 'out.json', 'broken')).toEqual({ code: 0, stdout: 'out.json\n', stderr: '' })
    expect(JSON.parse(await readFile(join(folder, 'out.json'), 'utf8'))).toEqual(report)
    expect((await stat(join(folder, 'out.json'))).mode & 0o777).toBe(0o600)
    await analyze('-o', 'out.md', 'broken')
    expect(await readFile(join(folder, 'out.md'), 'utf8')).toBe(renderMarkdown(report))
    await analyze('-o', 'out.md', '--force', '--format', 'text', 'broken')
    expect(await readFile(join(folder, 'out.md'), 'utf8')).toBe(renderText(report))
    expect((await analyze('-o', '-', 'broken')).stdout).toBe(renderText(report))
  })

  it('never colours a file', async () => {
    await analyzeWith({ env: { FORCE_COLOR: '1' } }, '-o', 'plain.txt', 'broken')
    expect(await readFile(join(folder, 'plain.txt'), 'utf8')).toBe(renderText(report))
  })

  it('replaces no file without --force, and no link, folder or device ever', async () => {
    await writeFile(join(folder, 'mine'), 'mine')
    await symlink('mine', join(folder, 'link'))
    const refused = await analyze('-o', 'mine', 'broken')
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Cannot write mine: it exists.'),
    })
    for (const path of ['link', '.', '/dev/null'])
      expect(await analyze('-o', path, '--force', 'broken')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('it is a link, a device or a folder'),
      })
    expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('mine')
  })

  it.skipIf(process.getuid?.() === 0)('says why a place cannot be written', async () => {
    await mkdir(join(folder, 'closed'))
    await chmod(join(folder, 'closed'), 0o500)
    expect(await analyze('-o', 'closed/r', 'broken')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('permission denied'),
    })
  })
})

describe('--check', () => {
  async function check(text: string, bundle = 'broken', ...args: readonly string[]): Promise<Answer> {
    await writeFile(join(folder, 'checked.json'), text)
    return analyze('--check', 'checked.json', ...args, bundle)
  }

  it('finds a report sound that the bundle gives again', async () => {
    const { code, stdout } = await check(JSON.stringify(report))
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Sound: ${report.citations.length} citations resolve, and the bundle gives the same report again.\n`,
    })
  })

  it('finds a changed word wherever it is', async () => {
    const [cited] = report.citations
    const forged = { ...report, citations: [{ ...cited, words: 'never said' }, ...report.citations.slice(1)] }
    const found = await check(JSON.stringify(forged))
    expect(found.code).toBe(1)
    expect(found.stdout).toMatch(/^Unsound: 2 problems\.\n {2}evidence 1: the words are not /)
    const told = await check(JSON.stringify({ ...report, verdict: { ...report.verdict, says: 'All is well.' } }))
    expect(told).toMatchObject({
      code: 1,
      stdout: 'Unsound: 1 problem.\n  /verdict/says is not what the bundle gives\n',
    })
  })

  it('finds a claim without evidence in a report of another version, whose words it cannot compare', async () => {
    const other = { ...report, tool: { ...report.tool, version: '0.0.9' } }
    expect(await check(JSON.stringify(other))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('another version of freezeframe wrote it'),
    })
    const [symptom] = report.symptoms
    for (const [cites, problem] of [
      [[], '/symptoms/0 claims something without evidence'],
      [[999], '/symptoms/0 refers to evidence 1000, and there is none'],
    ])
      expect(await check(JSON.stringify({ ...other, symptoms: [{ ...symptom, cites }] }))).toMatchObject({
        code: 1,
        stdout: `Unsound: 1 problem.\n  ${problem}\n`,
      })
  })

  it('tells that it is of another bundle', async () => {
    const { code, stdout } = await check(JSON.stringify(report), RECORDED)
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('the report is of another bundle') })
  })

  it('answers as JSON too', async () => {
    const { stdout } = await check(JSON.stringify(report), 'broken', '--format', 'json')
    expect(JSON.parse(stdout)).toEqual({
      status: 'sound',
      citations: report.citations.length,
      compared: true,
      problems: [],
    })
  })

  it.each([
    ['a cut one', (text: string) => text.slice(0, text.length / 2), 'is cut short or damaged: it is not valid JSON.'],
    [
      'one from the future',
      (text: string) => text.replace('"version":1', '"version":2'),
      'has report format 2, and this',
    ],
    ['another file', () => 'apiVersion: v1', 'is not a report of freezeframe.'],
    ['other JSON', () => '{"format":{"type":"freezeframe-bundle","version":1}}', 'is not a report of freezeframe.'],
    ['null', () => 'null', 'is not a report of freezeframe.'],
    ['half a report', () => '{"format":{"type":"freezeframe-report","version":1}}', 'lacks parts of a report.'],
    ['a broken citation', (text: string) => text.replace(/"words":/, '"word":'), 'lacks parts of a report.'],
  ])('refuses %s', async (_, change, problem) => {
    const { code, stdout, stderr } = await check(change(JSON.stringify(report)))
    expect({ code, stdout, problem: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stdout: '',
      problem: expect.stringContaining(`error: checked.json ${problem}`),
    })
  })

  it('says that there is no report', async () => {
    expect(await analyze('--check', 'none.json', 'broken')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Cannot read the report none.json: there is none.'),
    })
  })
})

it('prints a stack for --debug only', async () => {
  expect((await runCli(['--debug', 'analyze', 'none'], { cwd: folder })).stderr).toMatch(/\n\s+at /)
})
