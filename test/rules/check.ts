import { checkCitations } from '../../src/rca/check-citations.ts'
import { evaluateRules, type Outcome } from '../../src/rules/evaluate.ts'
import type { Rule } from '../../src/rules/rule.ts'
import { bundleOf, incidentOf, type Scene } from '../incident/scene.ts'

/** Evaluates one rule on a scene, and holds every citation against the bundle: file, place and words. */
export async function evaluate(rule: Rule, scene: Scene): Promise<Outcome> {
  const [outcome] = evaluateRules(await incidentOf(scene), [rule])
  if (!outcome) throw new Error('no outcome')
  if (outcome.status === 'crashed') throw new Error(`${rule.id} crashed: ${outcome.why}`)
  const cited = outcome.findings.flatMap(({ cites, against = [] }) => [
    ...cites,
    ...against.flatMap((one) => one.cites),
  ])
  const [broken] = await checkCitations(bundleOf(scene), cited)
  if (broken) throw new Error(`${rule.id} cites ${JSON.stringify(broken.citation)}: ${broken.why}`)
  return outcome
}

/** The subjects of what a rule found, `Deployment shop/web`. */
export function subjectsOf({ findings }: Outcome): string[] {
  return findings.map(
    ({ subject }) => `${subject.kind} ${subject.namespace === undefined ? '' : `${subject.namespace}/`}${subject.name}`,
  )
}
