import { tellNames } from '../incident/telling.ts'
import type { Action } from '../rules/rule.ts'

/** Words of a command that only its reader knows: `<more>`, `CLUSTER`, `…`. A heading of a column has a colon behind it. */
const BLANK =
  /<[a-z][^<>]*>|\b(?:NAME|CLIENT|UNIMPORTANT|ACCOUNT|CLAIM|CLUSTER|ROLE_ARN|ID|N|NODEPOOL|KEY=VALUE|THE\/FINALIZER)\b(?!:)|--[\w-]+(?==…)/g

/** Lists the blanks of a command. */
export function blanksOf(command: string): readonly string[] {
  return [...new Set(command.match(BLANK) ?? [])]
}

/** Says of each blank that it is one: nobody is to paste it as it is. */
export function askForBlanks(action: Action & { readonly command: string }): Action {
  const blanks = blanksOf(action.command)
  if (blanks.length === 0) return action
  return { ...action, says: `${action.says} Put in ${tellNames(blanks)} yourself.` }
}
