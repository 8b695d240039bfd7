s/(vm1|uml): vde/\1: {vde, isolated: yes}/
