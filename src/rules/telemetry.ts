/** Names of what takes measurements, traces and logs: programs go on without it. */
export const TELEMETRY =
  /otel|opentelemetry|jaeger|zipkin|telemetry|tracing|tempo|statsd|datadog|sentry|fluent|loki|prometheus|pushgateway|metrics/
