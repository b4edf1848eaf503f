import { FreezeframeError } from '../error.ts'

/** A path without empty and `.` parts; throws BUNDLE_UNSAFE for one that a careless reader could be led astray by. */
export function checkPath(path: string): string {
  const parts = path.split('/')
  const named = parts.filter((part) => part !== '.' && part !== '')
  const isSafe = !path.startsWith('/') && !path.includes('\\') && !path.includes('\0') && !parts.includes('..')
  if (isSafe && named.length > 0) return named.join('/')
  throw new FreezeframeError('BUNDLE_UNSAFE', `The bundle has an entry "${path}", which leads out of it.`, {
    remedy: 'No bundle of freezeframe has one: do not unpack it with another tool either.',
  })
}
