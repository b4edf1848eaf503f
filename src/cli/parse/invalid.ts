import { FreezeframeError } from '../../error.ts'

/** The error of a bad option value: names the option, the value, what is wrong with it and what would be right. */
export function invalidOption(option: string, value: string, problem: string, remedy: string): FreezeframeError {
  return new FreezeframeError('OPTION_INVALID', `${option} "${value}" ${problem}.`, { remedy })
}
