import { openBank } from './bank.ts'
import { applyChange, finishRollout, isReady, pass, type Story, waitForPods } from './story.ts'

const NAME = 'everybody-unready-behind-one-bank'

/** Readiness probes ask the next service, the last one asks a bank outside of the cluster, and the bank goes away. */
export const everybodyUnreadyBehindOneBank: Story = {
  name: NAME,
  async tell() {
    const bank = await openBank()
    await applyChange(NAME, 'bank.yaml')
    for (const [namespace, name] of [
      ['shop', 'payments'],
      ['shop', 'checkout'],
      ['storefront', 'web'],
    ] as const) {
      await applyChange(NAME, `${name}.yaml`)
      await finishRollout(namespace, `deployment/${name}`)
    }
    await pass(30)
    bank.close()
    await waitForPods('the pages to be unready', ['storefront', 'web'], (pods) => pods.every((pod) => !isReady(pod)))
    await pass(40)
  },
}
