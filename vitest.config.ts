import { defineConfig } from 'vitest/config'

/** Tests of the incident model, rules, ranking and report: no process, no clock, nothing that another test could see, so that they may share one loaded program. */
const PURE = ['test/{incident,rules,rca,report}/**/*.test.ts', 'test/incidents.test.ts']

export default defineConfig({
  test: {
    // Many tests run whole programs; a busy machine is no fault of theirs, and what hangs is found all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'analysis', include: PURE, pool: 'threads', isolate: false } },
      { extends: true, test: { name: 'program', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', ...PURE] } },
    ],
    // Many tests wait, for programs and for clocks: more of them than there are processors.
    maxWorkers: 4,
  },
})
