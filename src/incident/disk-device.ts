/** The first disk of a machine, as the kernel calls it: a node boots from it. */
const ROOT = /\b(?:nvme0n1(?:p\d+)?|xvda\d*|sda\d*|vda\d*|dm-0)\b/

/** Names of disks. */
const ANY = /\b(?:nvme\d+n1(?:p\d+)?|xvd[a-z]{1,2}\d*|[sv]d[a-z]{1,2}\d*|dm-\d+)\b/

/** The first disk that a text names. */
export function deviceIn(text: string): string | undefined {
  return ANY.exec(text)?.[0]
}

/** Whether a text names the disk that a machine boots from. */
export function isOfRootDevice(text: string): boolean {
  return ROOT.test(text)
}
