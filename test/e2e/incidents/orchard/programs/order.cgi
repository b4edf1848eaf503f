#!/bin/sh
. /app/log.sh
call cart "$CART_URL/cgi-bin/items" || { respond '502 Bad Gateway' '{"error":"no cart"}'; exit; }
call payments "$PAYMENTS_URL/cgi-bin/authorize" || { respond '502 Bad Gateway' '{"error":"payment not authorized"}'; exit; }
log info "msg=\"order placed\" amount=$((RANDOM % 90 + 10)).00"
respond '200 OK' '{"status":"placed"}'
