/** Whether an IPv4 address lies in a block, `10.0.0.0/8`; undefined where one of them is of the other family, or no such thing. */
export function isInBlock(address: string, block: string): boolean | undefined {
  const [base = '', bits = '32'] = block.split('/')
  const [value, start] = [parse(address), parse(base)]
  const size = Number(bits)
  if (value === undefined || start === undefined || !(size >= 0 && size <= 32)) return undefined
  const span = 2 ** (32 - size)
  return Math.floor(value / span) === Math.floor(start / span)
}

function parse(address: string): number | undefined {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined
  return parts.reduce((value, part) => value * 256 + part, 0)
}
