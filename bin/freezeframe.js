#!/usr/bin/env node
'use strict'

// This file must parse on Node 12, so that an old Node gets a sentence instead of a syntax error.

/** The first Node that strips types by itself and runs @kubernetes/client-node 2; `engines` in package.json says the same. */
var REQUIRED = [22, 19]

if (isNewEnough(process.versions.node)) {
  import('../src/cli/main.ts').then(start, explainMissing)
} else {
  fail(
    `freezeframe needs Node ${REQUIRED.join('.')} or later and was started with ${process.version}.`,
    'Install a newer one from https://nodejs.org; in a checkout, `npm run freezeframe --` brings its own.',
  )
}

function isNewEnough(version) {
  var parts = version.split('.').map(Number)
  return parts[0] > REQUIRED[0] || (parts[0] === REQUIRED[0] && parts[1] >= REQUIRED[1])
}

function start(cli) {
  return cli.main(process.argv.slice(2))
}

/** A checkout before `npm ci`, or a package whose dependencies were not installed. */
function explainMissing(error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  fail(error.message.split('\n')[0], 'Install the dependencies first: npm ci')
}

function fail(sentence, remedy) {
  process.stderr.write(`error: ${sentence}\n${remedy}\n`)
  process.exitCode = 2
}
