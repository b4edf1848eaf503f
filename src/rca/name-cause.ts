import { describeRef } from '../incident/reference.ts'
import type { Fact } from './fact.ts'

/** What a cause is called in a sentence: `image-not-found of Deployment shop/web`. */
export function nameCause({ rule, finding }: Fact): string {
  return `${rule.id} of ${describeRef(finding.subject)}`
}
