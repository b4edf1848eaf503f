#!/bin/sh
# Holds a model of MODEL_MB megabytes in memory while it serves.
. /app/log.sh
log info "msg=\"loading model\" service=$SERVICE version=$VERSION megabytes=$MODEL_MB"
model=$(head -c "${MODEL_MB}000000" /dev/zero | tr '\0' m)
log info "msg=\"model loaded\" characters=${#model}"
httpd -f -p 8080 -h /srv &
log info "msg=\"listening\" service=$SERVICE version=$VERSION port=8080"
wait
