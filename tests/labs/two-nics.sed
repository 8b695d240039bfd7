s/pc: host (.*)/pc: {host: \1, vlan: 2}/
