import { evaluateRules, type Outcome } from '../../src/rules/evaluate.ts'
import type { Rule } from '../../src/rules/rule.ts'
import { bundleOf, incidentOf, type Scene } from '../incident/scene.ts'

/** Evaluates one rule on a scene, and holds every citation against the bundle: file, place and words. */
export async function evaluate(rule: Rule, scene: Scene): Promise<Outcome> {
  const [outcome] = evaluateRules(await incidentOf(scene), [rule])
  if (!outcome) throw new Error('no outcome')
  if (outcome.status === 'crashed') throw new Error(`${rule.id} crashed: ${outcome.why}`)
  const bundle = bundleOf(scene)
  for (const finding of outcome.findings)
    for (const one of [...finding.cites, ...(finding.against ?? []).flatMap(({ cites }) => cites)]) {
      const body = (await bundle.read(one.file)).toString('utf8')
      const found = 'line' in one ? (body.split('\n')[one.line - 1] ?? '') : resolve(JSON.parse(body), one.pointer)
      if (!found.includes(one.words))
        throw new Error(`${rule.id} cites ${JSON.stringify(one)}, and there stands ${found.slice(0, 200)}`)
    }
  return outcome
}

/** The subjects of what a rule found, `Deployment shop/web`. */
export function subjectsOf({ findings }: Outcome): string[] {
  return findings.map(
    ({ subject }) => `${subject.kind} ${subject.namespace === undefined ? '' : `${subject.namespace}/`}${subject.name}`,
  )
}

function resolve(root: unknown, pointer: string): string {
  let found = root
  for (const key of pointer.split('/').slice(1))
    found = (found as Record<string, unknown>)[key.replaceAll('~1', '/').replaceAll('~0', '~')]
  return typeof found === 'string' ? found : (JSON.stringify(found) ?? '')
}
