import { openBundle } from '../../src/bundle/reader.ts'

/** The floor of every analysis: reads each list of a bundle and parses it, and keeps nothing. */
const bundle = await openBundle(process.argv[2] ?? '')
let objects = 0
for (const path of bundle.files.keys()) {
  if (!/^cluster\/.*\/\d+\.json$/.test(path)) continue
  objects += JSON.parse((await bundle.read(path)).toString('utf8')).items?.length ?? 0
}
await bundle.close()
console.log(objects)
