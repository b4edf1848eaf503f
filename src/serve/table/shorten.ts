/** The first few items, and how many more there are: `a,b,c + 2 more...`. */
export function shorten(items: readonly string[], most: number, separator = ','): string {
  const shown = items.slice(0, most).join(separator)
  return items.length > most ? `${shown} + ${items.length - most} more...` : shown
}
