s/, storm: 1000\/s//
