/** The library: what the command line is made of. Everything else is internal and may change in any version. */
export { collectors } from '../collectors/index.ts'
export * from './bundle/format.ts'
export { type BundleReader, openBundle } from './bundle/reader.ts'
export { type Verification, verifyBundle } from './bundle/verify.ts'
export type { CaptureEvent } from './capture/events.ts'
export type {
  CaptureOptions,
  CapturePlan,
  CaptureResult,
  Focus,
  PlannedOption,
  PlannedSource,
} from './capture/options.ts'
export {
  clusterRole,
  type NamespacedRole,
  namespacedRole,
  type ResourceRule,
  type Rule,
} from './capture/permissions.ts'
export { planCapture } from './capture/plan.ts'
export { capture } from './capture/run.ts'
export * from './collector.ts'
export { type ErrorCode, FreezeframeError } from './error.ts'
export { type AnalyzeOptions, analyze } from './rca/analyze.ts'
export type { Report } from './rca/report.ts'
export { renderMarkdown } from './report/markdown.ts'
export { renderText } from './report/text.ts'
export {
  type KubeClient,
  KubeError,
  type KubeResponse,
  type KubeStream,
  type RequestOptions,
} from './sources/kube/client.ts'
export { type ConnectOptions, connectKube } from './sources/kube/connect.ts'
export type { Discovery, DiscoveryAnswer } from './sources/kube/discovery.ts'
