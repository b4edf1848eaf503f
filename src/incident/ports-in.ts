/** An address of loopback with its port, as programs and their languages write the two. */
const LOCAL = /(?:\blocalhost\b|\b127\.0\.0\.1|\[?::1\]?)[^\n]{0,12}?(?::| port |, port |', |', port=)(\d{2,5})\b/

const ANY = /(?:\bport \D{0,2}|:)(\d{2,5})\b/g

/** The first port of loopback that a text names. */
export function localPortIn(text: string): number | undefined {
  const port = LOCAL.exec(text)?.[1]
  return port === undefined ? undefined : Number(port)
}

/** All that a text names as a port; times of day are among it. */
export function portsIn(text: string): readonly number[] {
  return [...text.matchAll(ANY)].map(([, port]) => Number(port))
}
