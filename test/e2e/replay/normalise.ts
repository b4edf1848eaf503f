import type { Shown } from './ask.ts'

/**
 * What may differ between a live cluster and its replay a moment later, and nothing else: how long ago something was, the address of the
 * server, the time before each line of kubectl's own log, what nodes renew every ten seconds, and the server's warnings that a kind is
 * deprecated, which a capture does not keep.
 */
export function normalise({ code, stdout, stderr }: Shown): Shown {
  return { code, stdout: normaliseText(stdout), stderr: normaliseText(stderr) }
}

function normaliseText(text: string): string {
  return text
    .replace(AGE, 'AGO')
    .replace(/https:\/\/(?:127\.0\.0\.1|10\.98\.0\.1):\d+/g, 'https://SERVER')
    .replace(/\b(?:127\.0\.0\.1|10\.98\.0\.1):\d{4,5}\b/g, 'SERVER')
    .replace(/^[EWI]\d{4} [\d:.]+ +\d+ /gm, 'LOG ')
    .replace(/^Warning: .* is deprecated in .*\n/gm, '')
    .replace(/^( +RenewTime: ).*$/gm, '$1TIME')
    .replace(HEARTBEAT, '$1TIME')
    .replace(/ {2,}/g, '  ')
    .replace(/ +$/gm, '')
}

/** `7s`, `2m5s`, `17m`, `3d4h` where a word stands alone. A column is as wide as its ages, so runs of spaces are made alike. */
const AGE = /(?<=^|[\s(])(?:\d+[ydhms]){1,2}(?=$|[\s),])/gm

/** `Ready  True  Wed, 25 Nov 2026 01:44:12 +0000 …`: of the two times of a node's condition, the heartbeat. */
const HEARTBEAT =
  /^( +(?:Ready|MemoryPressure|DiskPressure|PIDPressure) +\w+ +)\w{3}, \d\d \w{3} \d{4} [\d:]{8} [+-]\d{4}/gm
