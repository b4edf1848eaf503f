import type { Path, Step } from './json-path-syntax.ts'

/** More values than any honest column looks at; unions and `..` could otherwise ask for exponentially many. */
const MOST_VALUES = 20_000

/**
 * What an expression finds in an object, in order; undefined where client-go's util/jsonpath would fail: an index out of bounds, an index
 * into something else than a list, a comparison of different types.
 */
export function evaluateJsonPath(path: Path, root: unknown): readonly unknown[] | undefined {
  return walk([root], path, { left: MOST_VALUES })
}

interface Budget {
  left: number
}

type Values = readonly unknown[]

function walk(values: Values, path: Path, budget: Budget): Values | undefined {
  let found: Values | undefined = values
  for (const step of path) {
    if (budget.left-- <= 0) return undefined
    found = follow(found, step, budget)
    if (!found) return undefined
  }
  return found
}

function follow(values: Values, step: Step, budget: Budget): Values | undefined {
  switch (step.type) {
    case 'field':
      return flatten(values, (value) => fieldOf(value, step.name), budget)
    case 'wildcard':
      return flatten(values, childrenOf, budget)
    case 'recursive':
      return flatten(values, (value) => descendantsOf(value, budget), budget)
    case 'slice':
      return flatten(takeUntilEmpty(values, step), (value) => slice(value, step), budget)
    case 'union':
      return flatten(step.paths, (path) => walk(values, path, budget), budget)
    case 'filter':
      return flatten(values, (value) => filter(value, step, budget), budget)
    case 'constant':
      return typeof step.value === 'string' ? [step.value] : values.map(() => step.value)
    case 'keyword':
      return undefined
  }
}

/** Like flatMap; fails if one fails, or when there are too many. */
function flatten<Item>(
  items: readonly Item[],
  take: (item: Item) => Values | undefined,
  budget: Budget,
): Values | undefined {
  const found: unknown[] = []
  for (const item of items) {
    const taken = take(item)
    budget.left -= taken?.length ?? 0
    if (!taken || budget.left < 0) return undefined
    for (const one of taken) found.push(one)
  }
  return found
}

/** A field that holds null is found; one of a scalar or a list is not, and that is no failure. */
function fieldOf(value: unknown, name: string): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.hasOwn(value, name) ? [(value as Record<string, unknown>)[name]] : []
}

function childrenOf(value: unknown): Values {
  if (Array.isArray(value)) return value
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

/** A value and all below it, each before what is in it; without a stack of calls, because a stranger chooses how deep it goes. */
function descendantsOf(root: unknown, budget: Budget): Values {
  const found: unknown[] = []
  const open = [root]
  while (open.length > 0 && budget.left-- > 0) {
    const value = open.pop()
    const children = childrenOf(value)
    if (children.length > 0 || (typeof value === 'string' && value !== '')) found.push(value)
    for (let index = children.length - 1; index >= 0; index--) open.push(children[index])
  }
  return found
}

type Slice = Step & { readonly type: 'slice' }

function slice(value: unknown, step: Slice): Values | undefined {
  if (value === null) return []
  if (!Array.isArray(value)) return undefined
  const [start, end] = boundsOf(value, step)
  const { every = 1 } = step
  if (start < 0 || start >= value.length || end < start || end > value.length || every < 1) return undefined
  const taken = value.slice(start, end)
  return every === 1 ? taken : taken.filter((_, index) => index % every === 0)
}

/** Where a slice asks for nothing, client-go leaves out that list and all after it. */
function takeUntilEmpty(values: Values, step: Slice): Values {
  const empty = values.findIndex((value) => {
    if (!Array.isArray(value)) return false
    const [start, end] = boundsOf(value, step)
    return start === end
  })
  return empty < 0 ? values : values.slice(0, empty)
}

function boundsOf({ length }: Values, { from = 0, to = length }: Slice): readonly [start: number, end: number] {
  return [from < 0 ? from + length : from, to < 0 ? to + length : to]
}

function filter(value: unknown, step: Step & { type: 'filter' }, budget: Budget): Values | undefined {
  if (!Array.isArray(value)) return undefined
  return flatten(
    value,
    (item) => {
      const passes = decide(item, step, budget)
      return passes === undefined ? undefined : passes ? [item] : []
    },
    budget,
  )
}

/** Whether an item passes; undefined if that cannot be told. */
function decide(item: unknown, { left, operator, right }: Step & { type: 'filter' }, budget: Budget) {
  const lefts = walk([item], left, budget)
  if (operator === undefined) return lefts !== undefined && lefts.length > 0
  const rights = lefts?.length === 0 ? [] : walk([item], right, budget)
  if (!lefts || !rights || lefts.length > 1 || rights.length > 1) return undefined
  return lefts.length === 0 || rights.length === 0 ? false : compare(lefts[0], operator, rights[0])
}

function compare(left: unknown, operator: string, right: unknown): boolean | undefined {
  const kind = kindOf(left)
  if (kind === undefined || kind !== kindOf(right)) return undefined
  if (operator === '==') return left === right
  if (operator === '!=') return left !== right
  return kind === 'boolean' ? undefined : compareOrder(left as string | number, operator, right as string | number)
}

function compareOrder(left: string | number, operator: string, right: string | number): boolean | undefined {
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    default:
      return undefined
  }
}

/** Kinds that can be compared; Go tells whole numbers from others. */
function kindOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float'
  return typeof value === 'string' || typeof value === 'boolean' ? typeof value : undefined
}
