s/uml: vde/uml: {vde, vlan: 2}/
