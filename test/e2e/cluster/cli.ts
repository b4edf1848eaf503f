import { down, isUp, KUBECONFIG, up } from './cluster.ts'
import { applyWorkloads } from './workloads.ts'

const USAGE = 'usage: npm run cluster -- up [--workloads] | down | kubeconfig | status'

/** `npm run cluster`: the test cluster by hand. */
async function main([command, ...flags]: readonly string[]): Promise<void> {
  if (command === 'up') {
    await up()
    if (flags.includes('--workloads')) await applyWorkloads()
    console.error('The cluster is up.')
    console.log(KUBECONFIG)
  } else if (command === 'down') await down()
  else if (command === 'kubeconfig') console.log(KUBECONFIG)
  else if (command === 'status') console.log(isUp() ? 'up' : 'down')
  else {
    console.error(USAGE)
    process.exitCode = 2
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
