import manifest from '../../package.json' with { type: 'json' }

/** The version of freezeframe, as published. */
export const VERSION = manifest.version

/** How requests name us in the API server's audit log. */
export const USER_AGENT = `freezeframe/${VERSION}`
