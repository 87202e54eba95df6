"""Guests of QEMU's software emulation, with kernels that this host doesn't run: how they are made, booted and heard."""
