#!/bin/sh
# Ready when all that it needs is ready.
. /app/log.sh
for need in $READY_NEEDS; do
  host=${need#http://}
  call "${host%%.*}" "$need" || { respond '503 Service Unavailable' "{\"error\":\"no ${host%%.*}\"}"; exit; }
done
respond '200 OK' '{"ready":true}'
