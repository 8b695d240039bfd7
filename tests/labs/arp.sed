s/(mallory: \{host: [^,]*)/\1, vlan: 2/
