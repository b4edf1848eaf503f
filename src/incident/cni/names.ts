/** What ipamd counts and holds (aws/amazon-vpc-cni-k8s v1.23, utils/prometheusmetrics/prometheusmetrics.go; older versions have the same names in pkg/ipamd). */
export const CNI_SERIES = [
  'awscni_no_available_ip_addresses',
  'awscni_aws_api_error_count',
  'awscni_total_ip_addresses',
  'awscni_assigned_ip_addresses',
  'awscni_ip_max',
  'awscni_eni_max',
  'awscni_eni_allocated',
] as const

export type CniSeries = (typeof CNI_SERIES)[number]
