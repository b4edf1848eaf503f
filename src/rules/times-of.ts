/** How often things were said, all together. */
export function timesOf(said: readonly { readonly count: number }[]): number {
  return said.reduce((sum, { count }) => sum + count, 0)
}
