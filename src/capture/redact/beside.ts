/** A list of variables or parameters in a text, as YAML, JSON or Go would write it: `name: DB_PASSWORD`, then `value: …`. */
const NAME_BEFORE =
  /(?<![\w.-])(?:name|key)\\*["']?[ \t]{0,3}[:=][ \t]{0,3}\\*["']?([\w.-]{2,128})\\*["']?(?:,|,?\s)(?:[ \t]{0,60}|\d{4}-\d\d-\d\dT[\d:.]{8,18}Z[ \t]{1,60})\\*["']?$/i
/** An object or a mapping under a name: `"password": {"value": …`. */
const PARENT = /(?<![\w.-])([\w.-]{2,128})\\*["']?[ \t]{0,3}:\s{0,60}\{?\s{0,60}\\*["']?$/
/** The other way round: `"value":"…","name":"DB_PASSWORD"`. */
const NAME_BEHIND =
  /\\*["']?\s{0,60},\s{0,60}\\*["']?(?:name|key)\\*["']?[ \t]{0,3}:[ \t]{0,3}\\*["']?([\w.-]{2,128})/iy

/** Characters before a member in which its name is looked for. */
const NEAR = 240

/** The name that a member called `value` belongs to, given where it begins. */
export function nameBefore(text: string, at: number): string | undefined {
  const before = text.slice(Math.max(0, at - NEAR), at)
  return NAME_BEFORE.exec(before)?.[1] ?? PARENT.exec(before)?.[1]
}

/** The same, where the name stands behind the value that ends here. */
export function nameBehind(text: string, end: number): string | undefined {
  NAME_BEHIND.lastIndex = end
  return NAME_BEHIND.exec(text)?.[1]
}
