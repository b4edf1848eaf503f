#!/bin/sh
. /app/log.sh
respond '200 OK' '{"ok":true}'
