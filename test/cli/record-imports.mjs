import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** Writes the address of every module that gets loaded into the file that IMPORTS names. */
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.IMPORTS, `${url}\n`)
    return next(url, context)
  },
})
