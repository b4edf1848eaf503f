import { type Message, speaker } from './message.ts'

const nginx = speaker('ingress-nginx')

/** What controllers of Ingresses say of those that lead nowhere. */
export const ingressControllers = {
  'ingress-backend-missing': nginx(
    'An Ingress names a Service, or a port of it, that does not exist.',
    [/Error obtaining Endpoints for Service "(?<service>[^"]{1,320})"/, 'internal/ingress/controller/controller.go'],
    [
      /could not find (?:port "[^"]{1,70}" in )?service "(?<service>[^"]{1,320})"/,
      'of GKE: ingress-gce pkg/utils/errors.go',
    ],
    [
      /Cannot create service(?:: | error="?)service (?:port )?not found"? (?:ingress=\S{1,253} )?namespace=(?<namespace>\S{1,63})[^\n]{0,120}? serviceName=(?<name>\S{1,253})/,
      'of Traefik: pkg/provider/kubernetes/ingress/kubernetes.go',
    ],
  ),
  'ingress-request-unserved': nginx(
    'A request came for a Service that has no pod to answer it, or is not there; the log of requests says so.',
    [
      /" 503 \d{1,12} "[^"]{0,600}" "[^"]{0,600}" \d{1,12} [\d.]{1,12} \[(?<backend>[\w.-]{1,320})\] \[/,
      'internal/ingress/controller/config/config.go (logFormatUpstream)',
    ],
  ),
  'ingress-certificate-missing': nginx('An Ingress names a Secret with a certificate that is not there, or is none.', [
    /Error getting SSL certificate "(?<secret>[^"]{1,320})": (?<cause>[^\n]{1,200})/,
    'internal/ingress/controller/controller.go',
  ]),
} satisfies Record<string, Message>
