/** Names of a folder, as Go's file server lists it; those of folders end in a slash. */
export function readListing(page: Buffer): string[] {
  return [...page.toString('utf8').matchAll(/<a href="([^"]+)">/g)].flatMap(([, link = '']) => {
    const name = decode(link.replace(/^\.\//, ''))
    return name !== undefined && NAME.test(name) ? [name] : []
  })
}

/** A file or a folder of this one, and no way elsewhere. */
const NAME = /^(?!\.\.?\/?$)[^/]+\/?$/

function decode(link: string): string | undefined {
  try {
    return decodeURIComponent(link)
  } catch {
    return undefined
  }
}
