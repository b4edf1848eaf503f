/** As programs write it: at the beginning, after a blank, a quote, a bracket or a sign of equality. */
const PATH = /(?<=^|[\s"'`(=[])\/[^\s"'`:,;()[\]]{1,4096}/g

/** The paths of files that a text names. */
export function pathsIn(text: string): readonly string[] {
  return text.match(PATH) ?? []
}
