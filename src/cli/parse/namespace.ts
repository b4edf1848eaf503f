import { invalidOption } from './invalid.ts'

/** RFC 1123 label, what Kubernetes accepts as the name of a namespace (apimachinery, validation.IsDNS1123Label). */
export function isLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
}

/** A namespace's name. Throws OPTION_INVALID. */
export function parseNamespace(option: string, text: string): string {
  if (isLabel(text)) return text
  throw invalidOption(
    option,
    text,
    'is not the name of a namespace',
    'Names have up to 63 lower-case letters, digits and dashes; repeat the option for several.',
  )
}
