import { kubectl } from '../cluster/kubectl.ts'
import { NETWORK } from '../cluster/node.ts'
import { PLACE } from '../cluster/place.ts'
import { loadCallers } from './calls.ts'
import { openBankBehindNat } from './nat.ts'
import { applyChange, pass, type Story, waitForLogs } from './story.ts'

const NAME = 'settlements-reset-after-silence'

/** Between two batches, in seconds, and how many of them find their connection forgotten. */
const PERIOD = 363
const RESETS = 5

let bank: { close(): void } | undefined

/** What is sent seldom is sent over a connection that the gateway has forgotten; half an hour, because a gateway takes its time. */
export const settlementsResetAfterSilence: Story = {
  name: NAME,
  async tell() {
    for (const number of NETWORK.nodes) await becomeInstance(number)
    bank = await openBankBehindNat()
    await loadCallers({ 'settlements:0.7.1': 'settle', 'refunds:0.7.1': 'settle' })
    await applyChange(NAME, 'settlements.yaml')
    await waitForLogs('the first batch', ['shop', 'settlements'], /batch settled/)
    await pass(RESETS * PERIOD)
    await waitForLogs('resets', ['shop', 'settlements'], /connection reset by peer/, RESETS)
    await pass(20)
  },
  async end() {
    bank?.close()
  },
}

/** The cluster is told that it runs on AWS, as its cloud controller would. */
async function becomeInstance(number: string): Promise<void> {
  const providerID = `aws:///eu-central-1a/i-0f1e2d3c4b5a6970${number}`
  await kubectl(['patch', 'node', `${PLACE.node}${number}`, '-p', JSON.stringify({ spec: { providerID } })])
}
