#!/bin/sh
. /app/log.sh
log info "msg=\"starting\" service=log-shipper version=$VERSION node=$NODE_NAME"
sent=0
while :; do
  sleep 30
  sent=$((sent + 30))
  log info "msg=\"batch sent\" node=$NODE_NAME seconds=$sent"
done
