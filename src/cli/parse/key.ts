import { invalidOption } from './invalid.ts'

/** A redaction key: 32 raw bytes, or 64 hex digits with or without a line end (`openssl rand -hex 32`). Throws OPTION_INVALID. */
export function parseKey(option: string, path: string, content: Buffer): Buffer {
  if (content.length === 32) return content
  const text = content.toString('latin1').trim()
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  throw invalidOption(
    option,
    path,
    `holds no key (it has ${content.length} bytes)`,
    `A key is 32 bytes or 64 hex digits; make one with: openssl rand -hex 32 > ${path}`,
  )
}
