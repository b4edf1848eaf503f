import { describe, expect, it } from 'vitest'
import { kmsKeyDisabled } from '../../../src/rules/aws/kms-key-disabled.ts'
import { event } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { driver, log } from './caller.ts'

const LINE = 'ERROR KMSInvalidStateException: arn:aws:kms:eu-west-1:111122223333:key/x is disabled.'

describe('kms-key-disabled', () => {
  it('names what needs the key', async () => {
    expect(subjectsOf(await evaluate(kmsKeyDisabled, { objects: [driver()], logs: log(LINE) }))).toEqual([
      'Deployment ops/driver',
    ])
    const claim = event(
      'shop',
      'PersistentVolumeClaim/data',
      'ProvisioningFailed',
      'failed to provision volume: InvalidKMSKey.Disabled',
    )
    expect(subjectsOf(await evaluate(kmsKeyDisabled, { objects: [claim] }))).toEqual([
      'PersistentVolumeClaim shop/data',
    ])
  })

  it('is quiet of a program that is well', async () => {
    expect(await evaluate(kmsKeyDisabled, { objects: [driver(true)], logs: log(LINE) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })
})
