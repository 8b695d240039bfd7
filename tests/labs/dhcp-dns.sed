s/(carol: )host dhcp/\1{host: dhcp, vlan: 2}/
