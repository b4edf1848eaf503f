/** What says only that nobody answers, never why: the faintest reason for which pods are not ready says more. */
export const REASONLESS: ReadonlySet<string> = new Set(['service-has-no-ready-endpoints'])
