#!/bin/sh
# Serves what lies in /srv on port 8080.
. /app/log.sh
log info "msg=\"listening\" service=$SERVICE version=$VERSION port=8080"
exec httpd -f -p 8080 -h /srv
