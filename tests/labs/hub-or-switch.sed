s/(eve: \{host: [^,]*)/\1, vlan: 2/; s/mode: hub/mode: switch/
