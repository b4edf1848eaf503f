import type { RedactionRule } from './pseudonym.ts'

/** Gives the marker that stands for a value, and counts it. */
export type Mark = (rule: RedactionRule, value: string) => string

/** A secret that can be told by what it looks like, or by what stands right beside it. */
export interface TokenPattern {
  readonly rule: RedactionRule
  /** Literals of which one must be in the text before the expression is tried. */
  readonly hint: RegExp
  /** Linear: bounded repetition or none that is read twice, no nested quantifiers. */
  readonly pattern: RegExp
  /** The group that is replaced; 0 for all. */
  readonly group: number
  /** Which of what is found counts; all where it is left out. */
  readonly only?: (secret: string) => boolean
}
