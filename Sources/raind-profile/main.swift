print("raind-profile")
