s/(guest: \{host: [^,]*)/\1, vlan: 2/
