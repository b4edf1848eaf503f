import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'],
    testTimeout: 20_000,
    // Many tests wait, for programs and for clocks: more of them than there are processors.
    maxWorkers: 4,
  },
})
