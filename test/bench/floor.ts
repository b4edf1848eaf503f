import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'undici'

/**
 * The least that listing can cost: the given URLs, each list paged at 500, over four kept-alive connections, bodies thrown away. Run as
 * `node floor.ts WORKDIR SERVER FILE`, where FILE holds a JSON array of paths; prints {requests, lists, bytes}.
 */
const [workDir = '', server = '', file = ''] = process.argv.slice(2)
const paths = JSON.parse(readFileSync(file, 'utf8')) as string[]
const [ca, cert, key] = ['ca.crt', 'admin.crt', 'admin.key'].map((name) => readFileSync(join(workDir, 'pki', name)))
const CONNECTIONS = 4
const pool = new Pool(server, {
  connections: CONNECTIONS,
  connect: { ...(ca && cert && key ? { ca, cert, key } : {}) },
})
const total = { requests: 0, lists: 0, bytes: 0 }

await Promise.all(Array.from({ length: CONNECTIONS }, work))
await pool.close()
console.log(JSON.stringify(total))

async function work(): Promise<void> {
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    let token = await read(path)
    while (token) token = await read(`${path}&continue=${encodeURIComponent(token)}`)
  }
}

/** Reads one answer to its end; returns the continue token, which stands before a list's items. */
async function read(path: string): Promise<string | undefined> {
  const { body } = await pool.request({ method: 'GET', path, headers: { accept: 'application/json' } })
  let head = ''
  for await (const chunk of body) {
    if (head.length < 2048) head += chunk.toString('latin1')
    total.bytes += chunk.length
  }
  total.requests++
  if (path.includes('limit=')) total.lists++
  return /^[^[]*?"continue":"([^"]+)"/.exec(head)?.[1]
}
