print("raind-oci")
