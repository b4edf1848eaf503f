import { relative } from 'node:path'
import { runCapture, type Surroundings } from '../capture/action.ts'
import type { CaptureFlags } from '../capture/request.ts'
import { failWith } from '../error-report.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { ProgressMode } from '../progress/progress.ts'
import { serveBundle } from '../serve/open.ts'
import { quote } from '../serve/user-shell.ts'
import { paintFor, type Shell } from '../shell.ts'
import { alignRows, wrap } from '../text.ts'
import { DEFAULT_INCIDENT, findIncident, type Incident, listIncidents } from './incidents.ts'

/** The command line of `demo` as commander hands it over. */
export interface DemoFlags {
  readonly list?: boolean
  readonly output?: readonly string[]
  readonly force?: boolean
  readonly format: 'text' | 'json'
  readonly progress: ProgressMode
}

/** Serves a recorded incident on loopback and captures it, as a cluster is captured. */
export async function runDemo(name: string | undefined, flags: DemoFlags, surroundings: Surroundings): Promise<void> {
  const { shell, debug } = surroundings
  try {
    if (flags.list) shell.stdout.write(drawList(await listIncidents()))
    else await captureIncident(await findIncident(name ?? DEFAULT_INCIDENT), flags, surroundings)
  } catch (error) {
    failWith(shell, error, { ...flags, debug })
  }
}

function drawList(incidents: readonly Incident[]): string {
  const rows = incidents.map(({ name, title }) => [name, name === DEFAULT_INCIDENT ? `${title} (default)` : title])
  return `${alignRows(rows).join('\n')}\n`
}

async function captureIncident(incident: Incident, flags: DemoFlags, surroundings: Surroundings): Promise<void> {
  const { shell } = surroundings
  const isForPeople = flags.progress !== 'json' && flags.progress !== 'none'
  // The capture listens for itself; before and after it, a signal must not end us where the kubeconfig would stay.
  const interrupt = listenForInterrupt(() => {})
  const served = await serveBundle({ source: incident.bundle, address: '127.0.0.1', port: 0 })
  try {
    if (interrupt.signal.aborted) {
      shell.exitCode = 2
      return
    }
    if (isForPeople) shell.stderr.write(introduce(incident, shell))
    const captured = await runCapture(
      describeCapture(served.kubeconfig, served.replay.manifest.cluster.name, flags),
      surroundings,
    )
    const bundle = captured.find((path) => path !== '-')
    if (!isForPeople || bundle === undefined) return
    // Who interrupts wants no more to read.
    if (!interrupt.signal.aborted) await explain(bundle, surroundings)
    shell.stderr.write(suggestNext(incident, bundle, shell))
  } finally {
    await served.close()
    interrupt.dispose()
  }
}

/**
 * What `freezeframe analyze` says of the bundle; on stderr, because stdout has its path for whoever reads that. The bundle is there whatever
 * becomes of its report, so that the exit code stays the capture's.
 */
async function explain(bundle: string, { shell, debug }: Surroundings): Promise<void> {
  const { stderr, env, exitCode } = shell
  const paint = paintFor(stderr)
  try {
    const { reportOf } = await import('./report.ts')
    const report = await reportOf(bundle, paint)
    stderr.write(`\n${paint('dim', `${ownCommand(env)} analyze ${quote(bundle)} says:`)}\n\n${report}`)
  } catch (error) {
    failWith(shell, error, { debug })
    shell.exitCode = exitCode
  }
}

/** What somebody who types `freezeframe capture` gets. */
function describeCapture(kubeconfig: string, clusterName: string, flags: DemoFlags): CaptureFlags {
  return { kubeconfig, clusterName, deadline: '5m', logs: 'suspects', samples: '2', ...flags }
}

function introduce({ name, title, summary }: Incident, { stderr }: Shell): string {
  const paint = paintFor(stderr)
  return [
    `${paint('bold', title)} ${paint('dim', `(${name}, recorded from a real cluster)`)}`,
    ...wrap(summary, WIDTH),
    'Its API is replayed on loopback; this captures it as if it were live:',
    '',
  ].join('\n')
}

const WIDTH = 100

function suggestNext({ readme }: Incident, bundle: string, { stderr, env }: Shell): string {
  const paint = paintFor(stderr)
  const command = (words: string) => `  ${paint('cyan', `${ownCommand(env)} ${words}`)}`
  const path = quote(bundle)
  return [
    '',
    'Now look further, with no cluster there:',
    command(`analyze --format md ${path}`),
    command(`serve ${path} -- kubectl get pods -A`),
    command(`serve ${path} --shell`),
    command(`verify ${path}`),
    `What really happened there: ${shorten(readme)}`,
    '',
  ].join('\n')
}

/** A path below this folder as a person would type it. */
function shorten(path: string): string {
  const here = relative('', path)
  return here.startsWith('..') ? path : here
}

/** How this program was called, so that what is printed can be pasted (npm sets both, npm-run-script and npm-exec). */
function ownCommand(env: Shell['env']): string {
  if (env.npm_lifecycle_event === 'demo') return 'npm run -s freezeframe --'
  return env.npm_command === 'exec' ? 'npx freezeframe' : 'freezeframe'
}
