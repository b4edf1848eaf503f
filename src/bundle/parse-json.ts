/** What a text says in JSON; undefined for what is none, because a bundle may be damaged, or a stranger's. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
