import type { TokenPattern } from './pattern.ts'
import { isRandom } from './shape.ts'

/** Credentials in URLs, in what databases call their URL, and in presigned queries. */
export const URL_SECRETS: readonly TokenPattern[] = [
  // RFC 3986 userinfo with a password, up to the last @; what is no valid URL because the password holds a slash counts, a port does not.
  {
    rule: 'url',
    hint: /:\/\/[^\s]{1,800}@/,
    pattern:
      /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/?#@:"'\\<>]{0,200}:(?!\d{1,5}(?:[/?#]|$))(?:(?!:\/\/)[^\s"'\\<>]){1,400})@/gi,
    group: 1,
  },
  // Servers of mail, whose users are addresses: smtp://user@example.com:password@smtp.example.com.
  {
    rule: 'url',
    hint: /(?:smtp|imap|pop3)s?:\/\//,
    pattern: /\b(?:smtp|imap|pop3)s?:\/\/([^\s/?#@:"'\\<>]{1,100}@[^\s/?#@:"'\\<>]{1,100}:[^\s"'\\<>@]{1,400})@/g,
    group: 1,
  },
  // A token instead of a user: https://ghp_…@github.com, a Sentry DSN.
  {
    rule: 'url',
    hint: /:\/\/[^\s]{1,800}@/,
    pattern: /:\/\/([\w.~-]{16,400})@/g,
    group: 1,
    only: isRandom,
  },
  // github.com/go-sql-driver/mysql, "DSN": user:password@protocol(address).
  {
    rule: 'url',
    hint: /@(?:tcp|unix|udp)\(/,
    pattern: /(?<![\w.-])([\w.-]{1,64}:[^\s"'\\<>]{1,400})@(?:tcp|unix|udp)\(/g,
    group: 1,
  },
  // Oracle JDBC Developer's Guide, "Database URLs": jdbc:oracle:thin:user/password@host.
  {
    rule: 'url',
    hint: /jdbc:oracle/,
    pattern: /jdbc:oracle:\w{1,10}:([\w.-]{1,64}\/[^\s"'\\<>@]{1,200})@/g,
    group: 1,
  },
  // Signatures of presigned URLs: SigV4, SAS, GCS; & may be written \u0026 or &amp;.
  {
    rule: 'url',
    hint: /X-Amz-|X-Goog-|sig(?:nature)?(?:=|%3D)/i,
    pattern:
      /(?:[?&;]|\\u0026|%26)(?:X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|Credential)|sig|Signature)(?:=|%3D)([^&\s"'\\<>]{4,4000})/gi,
    group: 1,
  },
]
