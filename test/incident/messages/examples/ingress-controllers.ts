import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'ingress-backend-missing',
    '',
    'W0201 11:59:00.000000       7 controller.go:1137] Error obtaining Endpoints for Service "shop/web": no object matching key "shop/web" in local store',
    { service: 'shop/web' },
  ],
  [
    'ingress-backend-missing',
    'Translate',
    'Translation failed: invalid ingress spec: could not find service "shop/web"',
    { service: 'shop/web' },
  ],
  [
    'ingress-backend-missing',
    'Translate',
    'Translation failed: invalid ingress spec: could not find port "http" in service "shop/web"',
    { service: 'shop/web' },
  ],
  [
    'ingress-backend-missing',
    '',
    '2026-02-01T11:59:00Z ERR Cannot create service error="service not found" ingress=web namespace=shop providerName=kubernetes serviceName=web servicePort=&ServiceBackendPort{Name:,Number:80,}',
    { namespace: 'shop', name: 'web' },
  ],
  [
    'ingress-backend-missing',
    '',
    'time="2026-02-01T11:59:00Z" level=error msg="Cannot create service: service not found" ingress=web namespace=shop providerName=kubernetes serviceName=web servicePort="&ServiceBackendPort{Name:,Number:80,}"',
    { namespace: 'shop', name: 'web' },
  ],
  [
    'ingress-certificate-missing',
    '',
    'W0201 11:59:00.000000       7 controller.go:1372] Error getting SSL certificate "shop/web-tls": local SSL certificate shop/web-tls was not found. Using default certificate',
    { secret: 'shop/web-tls', cause: 'local SSL certificate shop/web-tls was not found. Using default certificate' },
  ],
  [
    'ingress-request-unserved',
    '',
    '10.0.1.7 - - [01/Feb/2026:11:59:30 +0000] "GET /pay HTTP/1.1" 503 190 "-" "Mozilla/5.0 (X11; Linux x86_64)" 431 0.000 [shop-web-80] [] - - - - 6f1d2c3b4a5968778695a4b3c2d1e0f1',
    { backend: 'shop-web-80' },
  ],
]
