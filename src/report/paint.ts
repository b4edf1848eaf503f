/** Colours a text, or returns it as it is: whoever prints decides. */
export type Paint = (style: 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan', text: string) => string

/** No colours. */
export const plain: Paint = (_, text) => text
