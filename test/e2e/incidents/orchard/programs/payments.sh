#!/bin/sh
# Authorizes payments; what it may take is read once, at start, from its settings.
. /app/log.sh
settings=/etc/payments/payments.properties
log info "msg=\"starting\" service=payments version=$VERSION settings=$settings ledger=$LEDGER_URL"
sleep 3
timeout=$(sed -n 's/^authorization.timeout=//p' $settings)
case $timeout in
  *[0-9]ms | *[0-9]s) log info "msg=\"settings read\" authorization.timeout=$timeout" ;;
  *)
    log fatal "msg=\"cannot start: invalid setting\" file=$settings setting=authorization.timeout value=\"$timeout\" error=\"time: missing unit in duration\""
    exit 78
    ;;
esac
exec /app/serve.sh
