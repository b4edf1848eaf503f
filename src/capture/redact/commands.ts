import type { Mark } from './pattern.ts'
import { isHarmlessSecret } from './shape.ts'

/** A flag that carries a secret under a name that does not say so. */
interface SecretFlag {
  readonly programs: RegExp
  readonly flag: RegExp
  /** Whether the secret stands in the same word, behind the flag; else it is the next word. */
  readonly glued: boolean
  /** What the value must look like; anything where it is left out. */
  readonly value?: RegExp
}

/** User and password; a number behind the colon is an id or a port. */
const USER_PASSWORD = /^[^\s:]+:(?!\d+$)./

/** From the manuals of these programs. */
const SECRET_FLAGS: readonly SecretFlag[] = [
  { programs: /^(?:mysql|mariadb)[\w-]*$/, flag: /^-p/, glued: true },
  { programs: /^(?:redis|valkey)-cli$/, flag: /^-a$/, glued: false },
  { programs: /^sshpass$/, flag: /^-p$/, glued: false },
  { programs: /^sshpass$/, flag: /^-p/, glued: true },
  { programs: /^mongo[a-z]*$/, flag: /^-p$/, glued: false },
  { programs: /^ldap[a-z]+$/, flag: /^-w$/, glued: false },
  { programs: /^sqlcmd$/, flag: /^-P$/, glued: false },
  // docker login, helm registry login, az login, oc login.
  { programs: /^login$/, flag: /^-p$/, glued: false },
  { programs: /^curl$/, flag: /^(?:-u|--user|--proxy-user)$/, glued: false, value: USER_PASSWORD },
  { programs: /^curl$/, flag: /^(?:-u|--user=)/, glued: true, value: USER_PASSWORD },
]

const NAMES =
  '(?:(?:mysql|mariadb)[\\w-]{0,20}|(?:redis|valkey)-cli|sshpass|mongo[a-z]{0,10}|ldap[a-z]{1,10}|sqlcmd|login|curl)'
/** A name that is found may be the end of another: to look behind before looking for one would take ten times as long. */
const PROGRAM = new RegExp(`${NAMES}(?=["',\\s])`, 'g')
const PROGRAM_AT_END = new RegExp(`(?<![\\w-])${NAMES}$`)

/** What makes another look worth it. */
export const COMMAND_HINT = /mysql|mariadb|redis-cli|valkey-cli|sshpass|mongo|ldap|sqlcmd|login|curl/

/** A command ends with its line, or where a shell would begin another one. */
const END_OF_COMMAND = /[\n;|&]|\\n/g
/** Words of a shell, or of a list in JSON; a marker is one. */
const WORD = /<redacted:[^\s>]*>?|[^\s"',[\]\\<>]+/g

/** The secret in one word of a command, given the program that runs and the word before: where it begins, or nothing. */
export function secretIn(program: string, before: string, word: string): number | undefined {
  if (program === '') return undefined
  for (const { programs, flag, glued, value } of SECRET_FLAGS) {
    if (!programs.test(program)) continue
    const at = glued ? (flag.exec(word)?.[0].length ?? word.length) : flag.test(before) ? 0 : word.length
    const secret = word.slice(at)
    if (secret !== '' && !secret.startsWith('<redacted:') && !isHarmlessSecret(secret) && (value?.test(secret) ?? true))
      return at
  }
  return undefined
}

/** The program that a word names, with or without its path; nothing where it is none of those that are known. */
export function programOf(word: string): string | undefined {
  return COMMAND_HINT.test(word) ? PROGRAM_AT_END.exec(word)?.[0] : undefined
}

/** Replaces the secrets that well-known programs take on their command line, written as a shell or as JSON would write it. */
export function redactCommands(text: string, mark: Mark): string {
  if (!COMMAND_HINT.test(text)) return text
  let redacted = ''
  let at = 0
  PROGRAM.lastIndex = 0
  for (let program = PROGRAM.exec(text); program !== null; program = PROGRAM.exec(text)) {
    if (/[\w-]/.test(text[program.index - 1] ?? '')) {
      PROGRAM.lastIndex = program.index + 1
      continue
    }
    END_OF_COMMAND.lastIndex = PROGRAM.lastIndex
    const end = END_OF_COMMAND.exec(text)?.index ?? text.length
    let current = program[0]
    let before = ''
    WORD.lastIndex = PROGRAM.lastIndex
    for (let word = WORD.exec(text); word !== null && word.index < end; word = WORD.exec(text)) {
      const whole = word[0].slice(0, end - word.index)
      const secret = secretIn(current, before, whole)
      if (secret !== undefined) {
        redacted += text.slice(at, word.index + secret) + mark('arg', whole.slice(secret))
        at = word.index + whole.length
      }
      current = programOf(whole) ?? current
      before = whole
    }
    PROGRAM.lastIndex = end
  }
  return at === 0 ? text : redacted + text.slice(at)
}
