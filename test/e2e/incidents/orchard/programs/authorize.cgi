#!/bin/sh
. /app/log.sh
call ledger "$LEDGER_URL/cgi-bin/entry" || { respond '503 Service Unavailable' '{"error":"no ledger"}'; exit; }
respond '200 OK' '{"authorized":true}'
