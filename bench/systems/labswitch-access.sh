# SPDX-License-Identifier: MIT
# switchd with all guests in one VLAN, untagged on their ports.
. "$here/systems/labswitch.sh"
system_note='switchd of this tree, every port {vlan: 10}'
system_does=guests
port_words='vlan: 10'
