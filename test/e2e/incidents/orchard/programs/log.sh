# log LEVEL KEY=VALUE…: one line of logfmt on stderr.
log() {
  level=$1
  shift
  echo "time=$(date -u +%Y-%m-%dT%H:%M:%SZ) level=$level $*" >&2
}

# call NAME URL: asks another service; logs and fails where it does not answer within two seconds.
call() {
  answer=$(exec 2>&1; timeout 2 wget -q -O - "$2" || exit $?)
  case $? in
    0) return ;;
    124 | 143) reason='no answer within 2s' ;;
    *) reason=${answer##*wget: } ;;
  esac
  log error "msg=\"call failed\" upstream=$1 url=$2 error=\"$reason\""
  return 1
}

# work N: keeps a processor busy, some 15 ms for 40.
work() {
  i=0
  while [ $i -lt $(($1 * 220)) ]; do i=$((i + 1)); done
}

# respond STATUS BODY: the answer of a CGI program.
respond() {
  printf 'Status: %s\r\nContent-Type: application/json\r\n\r\n%s\n' "$1" "$2"
}
