/** One way in which a component has worded a message: what it prints changes between versions, what it means does not. */
export interface Wording {
  /** Named groups hold the values. It begins with fixed words where it can, and every gap in it is bounded. */
  readonly pattern: RegExp
  /** The component's version that first printed it: `v1.24`. */
  readonly since?: string
  /** The component's last version that printed it. */
  readonly until?: string
  /** The component and the file or the document that has these words. */
  readonly source: string
}

/** One thing that a component says, in every wording that it has had. */
export interface Message {
  readonly component: string
  /** Reasons of events, waiting containers or conditions that it appears with; `*` stands for any letters. Absent: any. */
  readonly reasons?: readonly string[]
  /** One sentence. */
  readonly means: string
  readonly wordings: readonly [Wording, ...Wording[]]
}

/** Characters of a text that are read: no component writes more, and a log may. */
export const READ = 8192

/** A pattern for what is known by its reason alone: it finds every text, and only with one of the reasons. */
export const ANY_WORDS = /^/

/** A wording as the tables write it: the file is one of the component, and versions stand where they are known. */
export type Said = readonly [pattern: RegExp, file: string, versions?: Pick<Wording, 'since' | 'until'>]

/** Makes the messages of one component; with reasons, of those that appear with nothing else. */
export function speaker(component: string, reasons?: readonly string[]) {
  return (means: string, first: Said, ...others: readonly Said[]): Message => ({
    component,
    ...(reasons === undefined ? {} : { reasons }),
    means,
    wordings: [wordingOf(component, first), ...others.map((one) => wordingOf(component, one))],
  })
}

/** Makes the messages of one component that are known by their reasons, whatever their words. */
export function signaller(component: string, file: string) {
  return (means: string, ...reasons: readonly [string, ...string[]]): Message =>
    speaker(component, reasons)(means, [ANY_WORDS, file])
}

function wordingOf(component: string, [pattern, file, versions]: Said): Wording {
  return { pattern, ...versions, source: `${component} ${file}` }
}
