s/limit: 16/limit: 8192/
