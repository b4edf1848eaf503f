import type { LedgerLine, LedgerStatus } from '../bundle/format.ts'
import { type Coverage, type Covered, groupByKind } from './coverage.ts'

const ALL: Covered = { how: 'all', why: '' }
const ANSWERED: readonly LedgerStatus[] = ['complete', 'empty', 'unsupported']

/**
 * Nodes are asked where something is wrong, and a few healthy ones: of all of them it is some evidence, of those that were asked and answered
 * it is all.
 */
export function withNodes(coverage: Coverage, nodes: readonly string[]): Coverage {
  const lines = coverage.ledger.filter(({ scope }) => scope.node !== undefined)
  if (lines.length === 0) return coverage
  const byKind = groupByKind(lines)
  const of: Coverage['of'] = (kind, namespace) => {
    const asked = byKind.get(kind)
    const covered = coverage.of(kind, namespace)
    return asked && covered.how === 'all' && !coversAll(asked) ? { how: 'some', why: tellOf(asked) } : covered
  }
  const ofNodes: Coverage['ofNodes'] = (kind, some) => {
    const asked = byKind.get(kind)
    if (!asked) return of(kind)
    const chosen = some.length > 0 ? some : asked.map(({ scope }) => scope.node ?? '')
    const covered = chosen.map((node) => coverNode(asked, node))
    const missing = covered.filter(({ how }) => how !== 'all')
    if (missing.length === 0) return ALL
    const isNone = covered.every(({ how }) => how === 'none')
    return { how: isNone ? 'none' : 'some', why: missing[0]?.why ?? '' }
  }
  return { ...coverage, of, ofNodes, isComplete: (kind, namespace) => of(kind, namespace).how === 'all' }

  function coversAll(asked: readonly LedgerLine[]): boolean {
    const answered = new Set(asked.map(({ scope }) => scope.node))
    return coverage.isComplete('nodes') && nodes.every((node) => answered.has(node))
  }

  function tellOf(asked: readonly LedgerLine[]): string {
    const count = new Set(asked.map(({ scope }) => scope.node)).size
    return nodes.length === 0 ? `${count} nodes were asked` : `${count} of ${nodes.length} nodes were asked`
  }
}

function coverNode(lines: readonly LedgerLine[], node: string): Covered {
  const own = lines.filter(({ scope }) => scope.node === node)
  const failed = own.find(({ status }) => !ANSWERED.includes(status))
  if (own.length === 0) return { how: 'none', why: `node ${node} was not asked` }
  if (!failed) return ALL
  const why = `${failed.status}${failed.reason === undefined ? '' : `: ${failed.reason}`}`
  return { how: own.some(({ status }) => ANSWERED.includes(status)) ? 'some' : 'none', why }
}
