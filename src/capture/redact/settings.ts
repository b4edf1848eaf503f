import type { TokenPattern } from './pattern.ts'

/** What `timestamps=true` puts in front of every line of a log. */
const STAMP = String.raw`(?:\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) )?`

/** Languages of settings that write a secret behind its name without a sign between them. */
export const SETTINGS: readonly TokenPattern[] = [
  // .netrc (inetutils, "The .netrc file"), redis.conf, and ldap.conf and kickstart files.
  {
    rule: 'key',
    hint: /password|requirepass|masterauth|bindpw|rootpw/,
    pattern: new RegExp(
      String.raw`(?:\blogin\s{1,4}\S{1,100}\s{1,4}password|^${STAMP}[ \t]{0,40}(?:requirepass|masterauth|bindpw|rootpw))[ \t]{1,40}["']?([^\s"'\\<]{1,400})`,
      'gm',
    ),
    group: 1,
  },
  // nginx, ngx_http_proxy_module: a header that is given to the next server; a variable is none.
  {
    rule: 'key',
    hint: /proxy_set_header/,
    pattern:
      /\bproxy_set_header\s{1,9}[\w-]{0,40}(?:key|token|secret|authorization|cookie)\s{1,9}\\*["']?(?!\$)([^\s"';\\<]{3,400})/gi,
    group: 1,
  },
  // MySQL, "CREATE USER": IDENTIFIED BY '…'; PostgreSQL, "CREATE ROLE": PASSWORD '…'.
  {
    rule: 'key',
    hint: /identified|password/i,
    pattern: /\b(?:identified\s{1,9}(?:with\s{1,9}\w{1,40}\s{1,9})?(?:by|as)|password)\s{1,9}'([^'\s<]{1,400})'/gi,
    group: 1,
  },
]
