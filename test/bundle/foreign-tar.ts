/** One entry of a tar made by hand, so that it can be what no sane tool writes. */
export interface TarEntry {
  readonly path: string
  readonly body?: string | Buffer
  /** ustar's typeflag: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 folder, 6 pipe, x pax header, L GNU long name. */
  readonly type?: string
  readonly link?: string
  /** What the header says, whatever the body is: octal digits, or the raw field. */
  readonly size?: number | Buffer
  /** When it was written, in seconds since 1970. */
  readonly time?: number
}

/** A tar of entries, ended by two empty records. */
export function makeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(makeEntry), Buffer.alloc(1024)])
}

function makeEntry({ path, body = '', type = '0', link = '', size, time = 0 }: TarEntry): Buffer[] {
  const data = Buffer.from(body)
  const header = Buffer.alloc(512)
  header.write(path, 0, 100)
  header.write('0000644\0', 100)
  if (Buffer.isBuffer(size)) size.copy(header, 124)
  else header.write((size ?? data.length).toString(8).padStart(11, '0'), 124)
  header.write(time.toString(8).padStart(11, '0'), 136)
  header.write(type, 156)
  header.write(link, 157, 100)
  header.write('ustar\x0000', 257)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]
}
