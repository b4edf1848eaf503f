import type { Collector } from '../collector.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import type { AccessQuestion } from '../sources/kube/reviews.ts'
import type { InsideWay } from '../sources/node/inside.ts'
import { asksToCreate } from './access.ts'
import { isAllowed, type Reviewed } from './identity.ts'
import type { CaptureOptions, PlannedOption } from './options.ts'
import { type OptionTier, rightsOfOption } from './tiers.ts'

type Options = Pick<CaptureOptions, 'kube' | 'inside'>

/** What each tier that only an option opens is called on the command line, the least power first. */
const OPTIONS: Readonly<Record<OptionTier, string>> = {
  'node-diagnostic': '--node-diagnostic',
  exec: '--allow-exec',
  'nodes-proxy': '--allow-nodes-proxy',
  probe: '--probe-pods',
}

const TIERS = Object.keys(OPTIONS) as OptionTier[]

/** What the ways take that only an option opens, asked whether they are open or not: whoever plans wants to know which one to open. */
export function optionQuestions(discovery: Discovery, options: Options): AccessQuestion[] {
  return TIERS.flatMap((tier) => (isServed(tier, discovery) ? questionsOf(tier, discovery, options) : []))
}

/** Which of these ways this identity could use, and what the bundle would hold by them. */
export function describeOptions(
  collectors: readonly Collector[],
  discovery: Discovery,
  options: Options,
  reviewed: Reviewed,
): PlannedOption[] {
  return TIERS.map((tier) => {
    const isOpen = tier === 'nodes-proxy' ? options.kube.kubelets.ways.includes('proxy') : isGiven(tier, options)
    const about = { tier, option: OPTIONS[tier], isOpen, adds: whatAdds(tier, collectors) }
    if (!isServed(tier, discovery)) return { ...about, access: 'unserved', lacks: [] }
    return { ...about, ...accessOf(tier, discovery, options, reviewed) }
  })
}

/** What this identity may do by the way that a tier grants, and the rights that it lacks. */
export function accessOf(
  tier: OptionTier,
  discovery: Discovery,
  options: Options,
  reviewed: Reviewed,
): { readonly access: 'allowed' | 'denied' | 'unknown'; readonly lacks: readonly string[] } {
  const questions = questionsOf(tier, discovery, options)
  const lacks = questions.filter((one) => isAllowed(reviewed, one) === 'denied').map(nameRight)
  const isKnown = questions.every((one) => isAllowed(reviewed, one) !== 'unknown')
  return { access: lacks.length > 0 ? 'denied' : isKnown ? 'allowed' : 'unknown', lacks }
}

function questionsOf(tier: OptionTier, discovery: Discovery, { inside }: Options): AccessQuestion[] {
  return rightsOfOption(tier, inside.probeNamespace).filter(
    (one) => !('subresource' in one && one.subresource === 'exec' && one.verb === 'create') || asksToCreate(discovery),
  )
}

/** Nobody can be granted what is not there. */
function isServed(tier: OptionTier, { resources }: Discovery): boolean {
  return tier !== 'node-diagnostic' || resources.some(({ resource }) => resource === 'nodediagnostics')
}

function isGiven(way: InsideWay, { inside }: Options): boolean {
  return inside.ways.includes(way)
}

function whatAdds(tier: OptionTier, collectors: readonly Collector[]): string {
  if (tier === 'nodes-proxy') return 'kubelets that no other way reaches'
  return collectors
    .filter(({ ways }) => ways?.includes(tier))
    .map(({ id }) => id)
    .join(', ')
}

/** `create jobs.batch in kube-system`. */
function nameRight(question: AccessQuestion): string {
  if (!('resource' in question)) return `${question.verb} ${question.path}`
  const { verb, group, resource, subresource, namespace } = question
  const name = `${resource}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`
  return `${verb} ${name}${namespace === undefined ? '' : ` in ${namespace}`}`
}
