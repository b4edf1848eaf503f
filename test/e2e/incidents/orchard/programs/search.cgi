#!/bin/sh
. /app/log.sh
work 80
respond '200 OK' '{"results":24}'
