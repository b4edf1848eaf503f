/** A piece of a label selector: a sign, a word (a key, a value, `in`, `notin`), or the end. */
export interface Token {
  readonly kind: 'sign' | 'word' | 'end'
  readonly text: string
}

/** The tokens of a label selector, one after the other; after the last comes the end, for ever. */
export interface TokenReader {
  peek(): Token
  take(): Token
}

const END: Token = { kind: 'end', text: '' }

/**
 * Blanks, then a sign or a word. A NUL is the end of the text to the server where a token could begin, and only the end of the token
 * where it follows one (apimachinery, labels.Lexer.read).
 */
const TOKEN = /[ \t\r\n]*(?:([!=]=|[=!(),<>])|([^ \t\r\n=!(),<>\0]+))\0?/y

/** Reads a label selector token by token, each character once. */
export function readTokens(text: string): TokenReader {
  const expression = new RegExp(TOKEN)
  let next = read()
  return {
    peek: () => next,
    take() {
      const token = next
      if (token !== END) next = read()
      return token
    },
  }

  function read(): Token {
    const [, sign, word] = expression.exec(text) ?? []
    if (sign !== undefined) return { kind: 'sign', text: sign }
    return word === undefined ? END : { kind: 'word', text: word }
  }
}
