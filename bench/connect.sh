#!/bin/sh
# bench/connect.sh - what a call costs that has a TLS connection of its own
#
#	bench/connect.sh [CALLS]
#
# CALLS (default 100) requests to the sandbox, one after another, each over a
# new connection. Prints CPU and time of a call, on the client's side. Nearly
# all of it was parsing the authorities, while that was done for each.
#
# A stack of its own; MINA_INST names an install, else one is made from the
# build tree in BUILD (default: ./build), where the program is built too.
# shellcheck disable=SC2034,SC2154 # what the libraries set and read
set -u
here=$(dirname "$(dirname "$(readlink -f "$0")")")
top_builddir=${BUILD:-$here/build}
export top_builddir
# shellcheck source=/dev/null
. "$here/t/tap.sh"
# shellcheck source=/dev/null
. "$here/t/lib-stack.sh"
tap_planned=0
make -s -C "$top_builddir" bench/connect || exit 1
stack_up MINA_LOG=warn
MINA_CONF=$var/etc/mina.env "$top_builddir/bench/connect" \
    "$world/_sandbox/sink/bench" "${1:-100}"
