#!/bin/sh
# The shop's pages: asks the catalog and the recommendations for each visit, and the checkout for each order.
. /app/log.sh
log info "msg=\"starting\" service=web version=$VERSION catalog=$CATALOG_URL checkout=$CHECKOUT_URL"
httpd -p 8080 -h /srv
visits=0
failed=0
while :; do
  call catalog "$CATALOG_URL/cgi-bin/search" || failed=$((failed + 1))
  call recommendations "$RECOMMENDATIONS_URL/cgi-bin/similar" || failed=$((failed + 1))
  call checkout "$CHECKOUT_URL/cgi-bin/order" || failed=$((failed + 1))
  visits=$((visits + 1))
  [ $((visits % 20)) -eq 0 ] && log info "msg=\"served\" visits=$visits failed_calls=$failed"
  sleep "$PAUSE"
done
