#!/bin/sh
set -e
echo '{{ env "NODE" }}' > /tmp/node
exec "$@"
