s/, delay: 20ms//
