import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Program } from './program.ts'

/** What an interactive shell is opened with. */
interface ShellRequest {
  /** The user's shell, as in $SHELL. */
  readonly command: string
  readonly kubeconfig: string
  /** What stands before the user's own prompt. */
  readonly mark: string
  /** A folder for start-up files; removed by whoever made it. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The user's shell with KUBECONFIG and a marked prompt. The user's own files are read as always and never changed; KUBECONFIG is set
 * after them, because some of them set it too.
 */
export async function openUserShell(request: ShellRequest): Promise<Program> {
  const name = basename(request.command)
  const start = STARTS[name] ?? startPlain
  return start(request)
}

const STARTS: Readonly<Record<string, (request: ShellRequest) => Promise<Program>>> = {
  bash: startBash,
  zsh: startZsh,
  fish: startFish,
}

/** Prompts that a command draws anew each time (PROMPT_COMMAND) are marked anew each time. */
async function startBash({ command, kubeconfig, mark, folder }: ShellRequest): Promise<Program> {
  const file = join(folder, 'bashrc')
  await writeFile(
    file,
    `[ -r /etc/bash.bashrc ] && . /etc/bash.bashrc
[ -r ~/.bashrc ] && . ~/.bashrc
export KUBECONFIG=${quote(kubeconfig)}
__freezeframe_mark() { case $PS1 in ${quote(mark)}*) ;; *) PS1=${quote(mark)}$PS1 ;; esac; }
PROMPT_COMMAND="\${PROMPT_COMMAND:+$PROMPT_COMMAND
}__freezeframe_mark"
`,
  )
  return { command, args: ['--rcfile', file, '-i'], env: { KUBECONFIG: kubeconfig } }
}

/** zsh looks for its files in ZDOTDIR only; ours lead back to the user's, and so does the history that a system file may have put beside them. */
async function startZsh({ command, kubeconfig, mark, folder, env }: ShellRequest): Promise<Program> {
  const own = join(folder, 'zsh')
  const home = quote(env.ZDOTDIR ?? env.HOME ?? '/')
  await mkdir(own, { mode: 0o700 })
  await writeFile(join(own, '.zshenv'), `[[ -r ${home}/.zshenv ]] && . ${home}/.zshenv\nZDOTDIR=${quote(own)}\n`)
  await writeFile(
    join(own, '.zshrc'),
    `ZDOTDIR=${home}
[[ $HISTFILE == ${quote(own)}/* ]] && HISTFILE=$ZDOTDIR/\${HISTFILE:t}
[[ -r $ZDOTDIR/.zshrc ]] && . $ZDOTDIR/.zshrc
export KUBECONFIG=${quote(kubeconfig)}
__freezeframe_mark() { [[ $PROMPT == ${quote(mark)}* ]] || PROMPT=${quote(mark)}$PROMPT }
precmd_functions+=(__freezeframe_mark)
`,
  )
  return { command, args: ['-i'], env: { KUBECONFIG: kubeconfig, ZDOTDIR: own } }
}

/** fish runs a command after its own files. */
async function startFish({ command, kubeconfig, mark }: ShellRequest): Promise<Program> {
  const commands = [
    `set -gx KUBECONFIG ${quote(kubeconfig)}`,
    'functions -c fish_prompt __freezeframe_prompt',
    `function fish_prompt; echo -n ${quote(mark)}; __freezeframe_prompt; end`,
  ]
  return { command, args: ['-i', '-C', commands.join('\n')], env: { KUBECONFIG: kubeconfig } }
}

/** POSIX shells take their prompt from the environment. */
async function startPlain({ command, kubeconfig, mark }: ShellRequest): Promise<Program> {
  return { command, args: [], env: { KUBECONFIG: kubeconfig, PS1: `${mark}$ ` } }
}

/** A word as every shell takes it literally. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
